namespace Lwg.MLNet.Checkpoints;

/// <summary>A class or function that a pickle names and that is allowed; it is only ever a name.</summary>
internal sealed record PickledName(string FullName)
{
    public override string ToString() => FullName;
}

/// <summary>What a pickle made by calling an allowed name: the name, the arguments, and the state given later. Nothing was
/// called.</summary>
internal sealed class PickledCall(string name, object?[] arguments)
{
    public string Name { get; private set; } = name;

    public object?[] Arguments => arguments;

    public object? State { get; set; }

    public override string ToString() => Name;

    /// <summary>Makes it what it stands for.</summary>
    public void Become(string otherName, object? state) => (Name, State) = (otherName, state);

    /// <summary>An entry of a state that is a dictionary; null where there is none.</summary>
    public object? this[string key] => State is PickledDictionary state && state.TryGetValue(key, out object? value) ? value : null;
}

/// <summary>A tuple.</summary>
internal sealed record PickledTuple(object?[] Items)
{
    // As a key it is compared by what it is, and shown by what is in it, one level deep.
    public override string ToString() =>
        $"({string.Join(", ", Items.Take(8).Select(i => i is PickledTuple ? "(...)" : $"{i}"))}{(Items.Length > 8 ? ", ..." : "")})";
}

/// <summary>A dictionary; keys are compared by value where they are texts and numbers.</summary>
internal sealed class PickledDictionary() : Dictionary<object, object?>(s_keys)
{
    private static readonly KeyComparer s_keys = new();

    // Numbers are hashed with a seed, as .NET does with texts: no file can choose keys that all fall into one place.
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

/// <summary>A set; its order does not matter here.</summary>
internal sealed record PickledSet(IReadOnlyList<object?> Items);
