using Lwg.MLNet.Body;

namespace Lwg.MLNet.Tests.Body;

/// <summary>One body in the flavours that SMPL is found in: the arrays are the same, number by number.</summary>
[TestClass]
public class BodyFlavourTests
{
    [TestMethod]
    public void HmrsPickleHoldsTheSameBody()
    {
        BodyModel body = BodyModel.Load(Fixture.PathOf("body/neutral_smpl_with_cocoplus_reg.pkl"));
        AreEqual(Fixture.Body.Data, body.Data);
        CollectionAssert.AreEqual(Fixture.Body.Data.KeypointRegressor, body.Data.KeypointRegressor);
        Assert.AreEqual(Fixture.Body.Hash, body.Hash);
    }

    [TestMethod]
    public void TheOfficialPickleHoldsTheSameBodyWithoutKeypoints()
    {
        BodyModel body = BodyModel.Load(Fixture.PathOf("body/smpl_official_protocol2.pkl"));
        AreEqual(Fixture.Body.Data, body.Data);
        Assert.IsFalse(body.HasKeypoints);
    }

    private static void AreEqual(BodyModelData expected, BodyModelData actual)
    {
        CollectionAssert.AreEqual(expected.Template, actual.Template, nameof(expected.Template));
        CollectionAssert.AreEqual(expected.ShapeDirections, actual.ShapeDirections, nameof(expected.ShapeDirections));
        CollectionAssert.AreEqual(expected.PoseDirections, actual.PoseDirections, nameof(expected.PoseDirections));
        CollectionAssert.AreEqual(expected.JointRegressor, actual.JointRegressor, nameof(expected.JointRegressor));
        CollectionAssert.AreEqual(expected.Parents, actual.Parents, nameof(expected.Parents));
        CollectionAssert.AreEqual(expected.SkinningWeights, actual.SkinningWeights, nameof(expected.SkinningWeights));
        CollectionAssert.AreEqual(expected.Faces, actual.Faces, nameof(expected.Faces));
    }
}
