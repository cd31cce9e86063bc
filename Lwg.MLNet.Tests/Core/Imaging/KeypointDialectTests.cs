using System.Globalization;
using System.Text;
using Lwg.MLNet.Keypoints;

namespace Lwg.MLNet.Tests.Imaging;

/// <summary>Tests key points in the formats of annotators and detectors, for pictures of the same and of other sizes.</summary>
[TestClass]
public class KeypointDialectTests
{
    // Our own Anna, 512 x 512, in COCO's order.
    private static readonly double[] s_x =
        [255.3, 263.1, 246.8, 273.8, 235.5, 295, 214.2, 318.5, 188.9, 344.9, 161.9, 278.5, 234.2, 283.5, 224.7, 279.4, 223.9];
    private static readonly double[] s_y =
        [97.3, 87.8, 88.2, 90.6, 91.3, 133.5, 132.9, 190.1, 188.6, 242.3, 239.8, 257, 258.1, 350, 349.6, 446.1, 446];

    private static readonly string[] s_names =
        ["nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow",
            "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle"];

    // The index in COCO's order of each point of OpenPose; -1 for points that COCO does not have.
    private static readonly int[] s_openPose25 = [0, -1, 6, 8, 10, 5, 7, 9, -1, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3, -1, -1, -1, -1, -1, -1];
    private static readonly int[] s_openPose18 = [0, -1, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3];
    private static readonly int[] s_mediaPipe =
        [0, -1, 1, -1, -1, 2, -1, 3, 4, -1, -1, 5, 6, 7, 8, 9, 10, -1, -1, -1, -1, -1, -1, 11, 12, 13, 14, 15, 16, -1, -1, -1, -1];

    private static readonly (string Name, string Json, double Confidence)[] s_dialects =
    [
        ("COCO", Dataset(Flat("2")), 1),
        ("COCO with a folder of Windows", Dataset(Flat("2"), file: @"images\\train\\anna.png"), 1),
        ("COCO with ids that are texts", Dataset(Flat("2")).Replace("\"id\":1", "\"id\":\"a7\"", StringComparison.Ordinal)
        .Replace("\"image_id\":1", "\"image_id\":\"a7\"", StringComparison.Ordinal), 1),
        ("COCO, rows", Dataset(Rows("2")), 1),
        ("COCO, scores above 1", Dataset(Flat("1.0862956")), 1),
        ("COCO, whole body", Dataset(Flat("2", more: 116)), 1),
        ("COCO, feet", Dataset(Flat("2", more: 6)), 1),
        ("COCO's result list", $$"""[{"image_id":1,"category_id":1,"keypoints":{{Flat("0.9")}},"score":0.98}]""", 0.9),
        ("Detectron2, where persons are category 0", $$"""[{"image_id":1,"category_id":0,"keypoints":{{Flat("0.9")}},"score":0.98}]""",
        0.9),
        ("AlphaPose", $$"""[{"image_id":"anna.png","category_id":1,"keypoints":{{Flat("0.9")}},"score":3.02,"box":[1,2,3,4],"idx":[0.0]},{"image_id":"ben.png","keypoints":[1,2]}]""", 0.9),
        ("AlphaPose, Halpe 26", $$"""[{"image_id":"anna.png","category_id":1,"keypoints":{{Flat("0.9", more: 9)}},"score":3.02}]""", 0.9),
        ("AlphaPose, one object of pictures",
        $$"""{"anna.png":{"version":0.1,"people":[{"pose_keypoints_2d":{{OpenPose(s_openPose18)}} }]},"ben.png":{"version":0.1,"people":[]} }""", 0.9),
        ("AlphaPose as CMU", $$"""{"anna.png":{"version":0.1,"bodies":[{"joints":{{OpenPose(s_openPose18)}} }]} }""", 0.9),
        ("OpenPose 25", $$"""{"version":1.3,"people":[{"person_id":[-1],"pose_keypoints_2d":{{OpenPose(s_openPose25)}} ,"face_keypoints_2d":[],"hand_left_keypoints_2d":[]}]}""", 0.9),
        ("OpenPose 18", $$"""{"version":1.1,"people":[{"pose_keypoints":{{OpenPose(s_openPose18)}} }]}""", 0.9),
        ("OpenPose's editor", $$"""[{"people":[{"pose_keypoints_2d":{{OpenPose(s_openPose18)}},"hand_left_keypoints_2d":null}],"animals":[],"canvas_width":512,"canvas_height":512}]""", 0.9),
        ("OpenPose, shares", $$"""{"people":[{"pose_keypoints_2d":{{OpenPose(s_openPose18, 512)}} }],"canvas_width":768,"canvas_height":768}""", 0.9),
        ("MMPose's inferencer", $$"""[{"keypoints":{{Rows()}},"keypoint_scores":{{Scores("0.9")}},"bbox":[[1,2,3,4]],"bbox_score":0.9}]""",
        0.9),
        ("MMPose's batch", $$"""{"predictions":[[{"keypoints":{{Rows()}},"keypoint_scores":{{Scores("0.9")}},"bbox":[[1,2,3,4]]}]]}""",
        0.9),
        ("MMPose's demo", $$"""{"meta_info":{"keypoint_id2name":{{Named()}} },"instance_info":[{"keypoints":{{Rows()}},"keypoint_scores":{{Scores("0.9")}} }]}""", 0.9),
        ("Ultralytics", $$"""[{"name":"person","class":0,"confidence":0.9,"box":{},"keypoints":{"x":{{Column(s_x)}},"y":{{Column(s_y)}},"visible":{{Scores("0.9")}} } },{"name":"dog","class":16,"keypoints":{"x":[1],"y":[1]} }]""", 0.9),
        ("torchvision", $$"""{"boxes":[[1,2,3,4],[1,2,3,4]],"labels":[1,1],"scores":[0.9,0.1],"keypoints":[{{Rows("1")}},{{Rows("1", 0.5)}}],"keypoints_scores":[{{Scores("0.9")}},{{Scores("0.9")}}] }""", 0.9),
        ("Roboflow", $$"""{"predictions":[{"x":100,"y":100,"width":50,"height":60,"class":"person","keypoints":{{Objects("class")}} }],"image":{"width":512,"height":512} }""", 0.9),
        ("TensorFlow.js", $$"""[{"score":0.9,"keypoints":{{Objects("name")}} }]""", 0.9),
        ("MediaPipe", $$"""[{{MediaPipe()}}]""", 0.9),
        ("MediaPipe, several", $$"""{"pose_landmarks":[[{{MediaPipe()}}]]}""", 0.9),
        ("rows", Rows("2"), 1),
        ("rows of x and y", Rows(), 1),
        ("people of rows", $"[{Rows("0.9")},{Rows("0.9", 0.5)}]", 0.9),
        ("numbers", Flat("0.9"), 0.9),
        ("x and y only", $"[{string.Join(',', s_x.Zip(s_y, (x, y) => $"{Text(x)},{Text(y)}"))}]", 1),
        ("an annotation of only zeros beside",
        Dataset(Flat("2"), more: $$""",{"image_id":1,"keypoints":[{{string.Join(',', new int[51])}}]}"""), 1),
        ("another category beside", Dataset(Flat("2"),
        more: """,{"id":3,"image_id":1,"category_id":2,"keypoints":[1,1,2,1,1,2,1,1,2,1,1,2]}""",
        categories: """[{"id":1,"name":"person"},{"id":2,"name":"dog"}]"""), 1),
        ("an annotation of a picture that is not there", Dataset(Flat("2"), more: """,{"id":3,"image_id":99,"keypoints":[1,1,2]}"""), 1),
        ("something wrong in another picture", Dataset(Flat("2"), more: """,{"id":3,"image_id":2,"keypoints":[1,1,2]}"""), 1),
        ("no numbers for what is absent",
        Dataset(Flat("2"), more: $$""",{"id":3,"image_id":2,"keypoints":[{{string.Join(',', Enumerable.Repeat("NaN,NaN,0", 17))}}]}"""), 1),
        ("COCO with names in another order",
        Dataset($"[{string.Join(',', Enumerable.Range(0, 17).Reverse().Select(k => $"{Text(s_x[k])},{Text(s_y[k])},2"))}]",
        categories: $$"""[{"id":1,"name":"figure","keypoints":[{{string.Join(',', s_names.Reverse().Select(n => $"\"{n}\""))}}]}]"""), 1),
    ];

    public static IEnumerable<object[]> Dialects =>
        Enumerable.Range(0, s_dialects.Length).Select(i => new object[] { i, s_dialects[i].Name });

    [TestMethod]
    [DynamicData(nameof(Dialects))]
    public void EveryDialectGivesTheSamePerson(int number, string name)
    {
        (string _, string json, double confidence) = s_dialects[number];
        IsAnna(Parse(json).For("some/where/anna.png", 512, 512), confidence, name);
    }

    [TestMethod]
    public void ByteOrderMarksAndWideCharactersAreRead()
    {
        string json = Dataset(Flat("2"));
        foreach (Encoding encoding in (Encoding[])[new UTF8Encoding(true), new UnicodeEncoding(false, true),
            new UnicodeEncoding(true, true), new UTF32Encoding(false, true)])
            IsAnna(CocoKeypoints.Parse((byte[])[.. encoding.GetPreamble(), .. encoding.GetBytes(json)], "k.json").For("anna.png", 512, 512),
                1, encoding.EncodingName);
        foreach (Encoding encoding in (Encoding[])[Encoding.Unicode, Encoding.BigEndianUnicode])
            IsAnna(CocoKeypoints.Parse(encoding.GetBytes(json), "k.json").For("anna.png", 512, 512), 1, encoding.EncodingName
                + " without a mark");
    }

    [TestMethod]
    [DataRow(256, 256, 512, 512)]
    [DataRow(1024, 256, 512, 512)]
    [DataRow(300, 500, 600, 250)]
    public void KeypointsOfAnotherSizeAreScaledByBothSides(int toldWidth, int toldHeight, int width, int height)
    {
        string json = Dataset(Flat("2", x: toldWidth / 512.0, y: toldHeight / 512.0), width: toldWidth, height: toldHeight);
        KeypointSet found = Parse(json).For("anna.png", width, height);
        for (int k = 0; k < 17; k++)
        {
            Assert.AreEqual(s_x[k] * width / 512, found[k].X, 1e-3, $"x of {k}");
            Assert.AreEqual(s_y[k] * height / 512, found[k].Y, 1e-3, $"y of {k}");
        }
    }

    [TestMethod]
    public void FractionsOfThePictureAreRecognised()
    {
        foreach (string json in (string[])[Dataset(Flat("2", x: 1 / 512.0, y: 1 / 512.0)), Flat("1", x: 1 / 512.0, y: 1 / 512.0)])
            IsAnna(Parse(json).For("anna.png", 512, 512), 1, json);
    }

    [TestMethod]
    public void AmbiguousKeypointsAreRefusedWithBothSizes()
    {
        string large = Dataset(Flat("2"), width: 256, height: 256), turned = Dataset(Flat("2"), width: 480, height: 640);
        StringAssert.Contains(Refusal(large, 512, 512), "256 x 256");
        StringAssert.Contains(Refusal(large, 512, 512), "512 x 512");
        StringAssert.Contains(Refusal(turned, 640, 480), "turned");
        StringAssert.Contains(Refusal(Flat("1", x: 1 / 256.0, y: 1 / 256.0, shift: -1), 512, 512), "neither pixels nor shares");
        StringAssert.Contains(Refusal(Flat("1", x: 0.02, y: 0.02), 512, 512), "at least 10");
        StringAssert.Contains(Refusal(Flat("1"), 300, 300), "outside the picture of 300 x 300");
    }

    [TestMethod]
    public void ErrorsInTheRequestedPictureAreReported()
    {
        CocoKeypoints read = Parse(Dataset(Flat("2"), more: """,{"id":3,"image_id":2,"keypoints":[1,1,2]}"""));
        string message = Assert.ThrowsExactly<KeypointInputException>(() => read.For("ben.png", 512, 512)).Message;
        StringAssert.Contains(message, "'ben.png'");
        StringAssert.Contains(message, "it has 1 key points");
        Assert.HasCount(1, read.People);
        StringAssert.Contains(Refusal("""[{"image_id":1,"keypoints":[1,2,50]}]""", 9, 9), "it has 1 key points");
        StringAssert.Contains(Refusal(Flat("87"), 512, 512), "confidence 87");
        string two = $$"""[{"image_id":1,"keypoints":{{Flat("0.9")}} },{"image_id":2,"keypoints":{{Flat("0.9")}} }]""";
        StringAssert.Contains(Refusal(two, 512, 512), "marked are: 1, 2");
        IsAnna(Parse(two).For("0000002.jpg", 512, 512), 0.9, "COCO's pictures are called by their numbers");
    }

    private static void IsAnna(KeypointSet found, double confidence, string what)
    {
        for (int k = 0; k < 17; k++)
        {
            Assert.AreEqual(s_x[k], found[k].X, 1e-3, $"{what}: x of {k}");
            Assert.AreEqual(s_y[k], found[k].Y, 1e-3, $"{what}: y of {k}");
            Assert.AreEqual(confidence, found[k].Confidence, 1e-6, $"{what}: confidence of {k}");
        }
    }

    private static string Refusal(string json, int width, int height) =>
        Assert.ThrowsExactly<KeypointInputException>(() => Parse(json).For("anna.png", width, height), json).Message;

    private static CocoKeypoints Parse(string json) => CocoKeypoints.Parse(Encoding.UTF8.GetBytes(json), "k.json");

    private static string Dataset(string keypoints, string file = "anna.png", int width = 512, int height = 512, string more = "",
        string? categories = null) =>
        $$"""{"images":[{"id":1,"file_name":"{{file}}","width":{{width}},"height":{{height}} },{"id":2,"file_name":"ben.png"}],"annotations":[{"image_id":1,"category_id":1,"keypoints":{{keypoints}} }{{more}}]{{(categories is null ? "" : $",\"categories\":{categories}")}} }""";

    private static string Flat(string confidence, int more = 0, double x = 1, double y = 1, double shift = 0) =>
        "[" + string.Join(',', s_x.Select((_, k) => $"{Text(s_x[k] * x + shift)},{Text(s_y[k] * y + shift)},{confidence}")
            .Concat(Enumerable.Repeat("0,0,0", more))) + "]";

    private static string Rows(string? confidence = null, double scale = 1) =>
        "[" + string.Join(',', s_x.Select((_, k) =>
            $"[{Text(s_x[k] * scale)},{Text(s_y[k] * scale)}{(confidence is null ? "" : "," + confidence)}]")) + "]";

    private static string OpenPose(int[] order, double divided = 1) =>
        $"[{string.Join(',', order.Select(k => k < 0 ? "0,0,0" : $"{Text(s_x[k] / divided)},{Text(s_y[k] / divided)},0.9"))}]";

    private static string Objects(string nameOf) =>
        $"[{string.Join(',', Enumerable.Range(0, 17).Reverse().Select(k => $$"""{"x":{{Text(s_x[k])}},"y":{{Text(s_y[k])}},"{{(nameOf == "class" ? "confidence" : "score")}}":0.9,"{{nameOf}}":"{{s_names[k]}}"}"""))}]";

    private static string MediaPipe() =>
        string.Join(',', s_mediaPipe.Select(k =>
        k < 0 ? """{"x":0,"y":0,"z":0,"visibility":0}"""
        : $$"""{"x":{{Text(s_x[k] / 512)}},"y":{{Text(s_y[k] / 512)}},"z":0.1,"visibility":0.9}"""));

    private static string Named() => $"{{{string.Join(',', s_names.Select((n, i) => $"\"{i}\":\"{n}\""))}}}";

    private static string Scores(string score) => $"[{string.Join(',', Enumerable.Repeat(score, 17))}]";

    private static string Column(double[] values) => $"[{string.Join(',', values.Select(Text))}]";

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
