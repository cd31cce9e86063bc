using Lwg.MLNet.Body;
using Lwg.MLNet.Extensions;
using Lwg.MLNet.Models;
using Lwg.MLNet.Synthesis.People;
using Lwg.MLNet.Transforms;

namespace Lwg.MLNet.Tests.PublicApi;

/// <summary>What the packages show is what docs/api says.</summary>
[TestClass]
public sealed class PublicApiTests
{
    [TestMethod]
    [DataRow(typeof(BodyModel))]
    [DataRow(typeof(EstimateSmplOptions))]
    [DataRow(typeof(OwnModels))]
    [DataRow(typeof(PersonPainter))]
    [DataRow(typeof(PersonTransferPool))]
    public void TheSurfaceIsTheOneThatIsWrittenDown(Type known) => PublicSurface.AssertIsWrittenDown(known.Assembly);
}
