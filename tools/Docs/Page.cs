namespace Lwg.MLNet.Docs;

/// <summary>A page of the site.</summary>
/// <param name="Url">The path, relative to the site's root.</param>
/// <param name="Title">The title.</param>
/// <param name="Html">The content, without navigation and footer.</param>
/// <param name="Source">The source of the content, for warnings.</param>
internal sealed record Page(string Url, string Title, string Html, string Source);
