using Lwg.MLNet.Body;

namespace Lwg.MLNet.Tests.Body;

[TestClass]
public class RetargetingTests
{
    private static readonly float[] s_source = [.. Enumerable.Range(0, 85).Select(i => i + 0.5f)];
    private static readonly float[] s_reference = [.. Enumerable.Range(0, 85).Select(i => -2f * i)];
    private static readonly float[] s_origin = [.. Enumerable.Range(0, 85).Select(i => 100f + i * i)];

    [TestMethod]
    [DataRow(CameraStrategy.Copy, 0f, -2f, -4f)]
    [DataRow(CameraStrategy.Source, 0.5f, 1.5f, 2.5f)]
    // 1.5 + (-2 - 101), 2.5 + (-4 - 104)
    [DataRow(CameraStrategy.Smooth, 0.5f, -101.5f, -105.5f)]
    public void CameraByStrategyPoseOfTheReferenceShapeOfTheSource(CameraStrategy strategy, float s, float tx, float ty)
    {
        var target = new float[85];
        Retargeting.Retarget(s_source, s_reference, s_origin, strategy, target);
        CollectionAssert.AreEqual((float[])[s, tx, ty, .. s_reference[3..75], .. s_source[75..]], target);
    }

    [TestMethod]
    public void AtTheFirstFrameSmoothIsTheSourcesCamera()
    {
        var target = new float[85];
        Retargeting.Retarget(s_source, s_reference, s_reference, CameraStrategy.Smooth, target);
        CollectionAssert.AreEqual(s_source[..3], target[..3]);
    }

    [TestMethod]
    public void OnlySmoothReadsTheOriginAndInvalidValuesAreRefused()
    {
        var target = new float[85];
        Retargeting.Retarget(s_source, s_reference, [], CameraStrategy.Copy, target);
        Retargeting.Retarget(s_source, s_reference, [], CameraStrategy.Source, target);
        Assert.AreEqual("origin", Assert.ThrowsExactly<ArgumentException>(() =>
            Retargeting.Retarget(s_source, s_reference, [], CameraStrategy.Smooth, target)).ParamName);
        Assert.AreEqual("source", Assert.ThrowsExactly<ArgumentException>(() =>
            Retargeting.Retarget(s_source.AsSpan(0, 84), s_reference, s_origin, CameraStrategy.Smooth, target)).ParamName);
        float[] broken = [.. s_reference];
        broken[7] = float.NaN;
        Assert.AreEqual("reference", Assert.ThrowsExactly<ArgumentException>(() =>
            Retargeting.Retarget(s_source, broken, s_origin, CameraStrategy.Smooth, target)).ParamName);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            Retargeting.Retarget(s_source, s_reference, s_origin, (CameraStrategy)3, target));
    }
}
