namespace Lwg.MLNet.Checkpoints;

/// <summary>The arrays of a pickled dictionary. Conversions are charged to the budget of the file.</summary>
internal sealed class PickledArchive(PickledDictionary dictionary, string source, ReadBudget budget) : INumpyArrays
{
    private readonly PickledArrays _arrays = new(source, budget);

    /// <summary>The names of the values that represent arrays, in the order of the file.</summary>
    public IEnumerable<string> Names => dictionary.Keys.OfType<string>().Where(name => PickledArrays.IsArray(dictionary[name]));

    public bool Contains(string name) => dictionary.ContainsKey(name);

    public NumpyArray Read(string name) => dictionary.TryGetValue(name, out object? value)
        ? _arrays.ToArray(value, name)
        : throw new ModelFileException(source, name, $"the array is missing; the file contains {Listing.Of(dictionary.Keys)}.");
}
