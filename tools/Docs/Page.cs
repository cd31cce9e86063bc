namespace Lwg.MLNet.Docs;

/// <summary>A page of the site.</summary>
/// <param name="Url">Where it is, from the site's root.</param>
/// <param name="Title">Its title.</param>
/// <param name="Html">What is between navigation and end.</param>
/// <param name="Source">What it was made from, for warnings.</param>
internal sealed record Page(string Url, string Title, string Html, string Source);
