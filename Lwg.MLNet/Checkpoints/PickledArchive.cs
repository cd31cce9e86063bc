namespace Lwg.MLNet.Checkpoints;

/// <summary>The arrays of a pickled dictionary.</summary>
internal sealed class PickledArchive(PickledDictionary dictionary, string source) : INumpyArrays
{
    public bool Contains(string name) => dictionary.ContainsKey(name);

    public NumpyArray Read(string name) => PickledArrays.Get(dictionary, name, source);
}
