using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Transforms.Data;

/// <summary>Marks a property as a column of images of any size; ML.NET's <see cref="ImageTypeAttribute"/> needs a fixed height and width
/// at compile time.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AnySizeImageAttribute : DataViewTypeAttribute
{
    /// <inheritdoc/>
    public override void Register() => DataViewTypeManager.Register(new ImageDataViewType(), typeof(MLImage), this);

    /// <inheritdoc/>
    public override bool Equals(DataViewTypeAttribute? other) => other is AnySizeImageAttribute;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DataViewTypeAttribute);

    /// <inheritdoc/>
    public override int GetHashCode() => typeof(AnySizeImageAttribute).GetHashCode();
}
