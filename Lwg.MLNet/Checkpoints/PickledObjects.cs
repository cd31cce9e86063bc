namespace Lwg.MLNet.Checkpoints;

/// <summary>An allowed class or function that a pickle names. It is only a name.</summary>
internal sealed record PickledName(string FullName)
{
    public override string ToString() => FullName;
}

/// <summary>The call of an allowed name in a pickle: the name, the arguments, and the state set later. Nothing is called.</summary>
internal sealed class PickledCall(string name, object?[] arguments)
{
    public string Name { get; private set; } = name;

    public object?[] Arguments => arguments;

    public object? State { get; set; }

    public override string ToString() => Name;

    /// <summary>Replaces the name and the state by those of the object that it represents.</summary>
    public void Become(string otherName, object? state) => (Name, State) = (otherName, state);

    /// <summary>Returns an entry of a state that is a dictionary; null if there is none.</summary>
    public object? this[string key] => State is PickledDictionary state && state.TryGetValue(key, out object? value) ? value : null;
}

/// <summary>A tuple.</summary>
internal sealed record PickledTuple(object?[] Items)
{
    // A key in dictionaries is compared by value; the text contains the items, one level deep.
    public override string ToString() =>
        $"({string.Join(", ", Items.Take(8).Select(i => i is PickledTuple ? "(...)" : $"{i}"))}{(Items.Length > 8 ? ", ..." : "")})";
}

/// <summary>A dictionary. Keys that are texts and numbers are compared by value.</summary>
internal sealed class PickledDictionary() : Dictionary<object, object?>(s_keys)
{
    private static readonly KeyComparer s_keys = new();

    // Numbers are hashed with a seed, as .NET does with texts, so a file cannot choose keys that all collide.
    private sealed class KeyComparer : IEqualityComparer<object>
    {
        bool IEqualityComparer<object>.Equals(object? x, object? y) => object.Equals(x, y);

        int IEqualityComparer<object>.GetHashCode(object key) => key switch
        {
            long number => HashCode.Combine((int)number, (int)(number >> 32)),
            double number => HashCode.Combine(BitConverter.DoubleToInt64Bits(number) >> 32, (int)BitConverter.DoubleToInt64Bits(number)),
            _ => key.GetHashCode(),
        };
    }
}

/// <summary>A set. Its order is not significant.</summary>
internal sealed record PickledSet(IReadOnlyList<object?> Items);
