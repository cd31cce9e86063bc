using System.Numerics;
using Lwg.MLNet.Body;

namespace Lwg.MLNet.Synthesis.People;

// The coat and the ponytail.
internal sealed partial class DressedBody
{
    // The coat leaves the body below the chest, lies on the hips and falls; its two edges are in front.
    private void CutCoat(Variety coat)
    {
        float height = TailTop - coat.CoatHem;
        for (int i = 0; i < _coat.Around; i++)
        {
            float reach = 0;
            for (int ring = 0; ring <= _coat.Down; ring++)
            {
                int k = ring * _coat.Around + i;
                float share = ring / (float)_coat.Down, fall = share * height, gap = coat.CoatGap * (0.7f + 0.6f * share);
                float angle = gap + i / (_coat.Around - 1f) * (2 * MathF.PI - 2 * gap);
                var direction = new Vector3(MathF.Sin(angle), 0, MathF.Cos(angle));
                int column = (int)MathF.Round(angle / (2 * MathF.PI) * _tail.Around + _tail.Around) % _tail.Around;
                int anchor = _coatAnchors[k] = _anchors[Math.Min((int)(fall / AnchorStep + 0.5f), AnchorRings - 1) * _tail.Around + column];
                float body = TailTop - fall < LowestAnchor ? 0 : ((_rest[anchor] - s_axis) with { Y = 0 }).Length() + _thickness[anchor];
                reach = ring == 0 ? body - 0.004f : MathF.Max(body + 0.016f * Blend.Step(0, 0.2f, share), reach - 0.04f * height
                    / _coat.Down) + coat.CoatFlare / _coat.Down;
                float fold = 0.2f * (0.01f + coat.CoatFlare) * share
                    * (MathF.Sin(8 * angle + 40 * coat.CoatHem) + 0.6f * MathF.Sin(13 * angle));
                _rest[_coatAt + k] = (s_axis + (reach + fold) * direction) with { Y = TailTop - fall };
                _restNormals[_coatAt + k] = direction;
            }
        }
        Line(_coat, _coatAt, 0.005f);
    }

    // The coat keeps its offset from the hips, whatever the body's shape, and swings with the nearer thigh towards its hem.
    private void HangCoat()
    {
        for (int k = 0; k < _coat.VertexCount; k++)
        {
            int at = _coatAt + k, anchor = _coatAnchors[k % _coat.OuterCount];
            Vector3 p = _rest[at], off = p - _rest[anchor];
            float belly = Blend.Step(-0.24f, -0.10f, p.Y), legs = 0.8f * Blend.Step(-0.34f, -0.62f, p.Y),
                left = Blend.Step(-0.12f, 0.12f, p.X);
            Vector3 hips = Vertices[anchor] + (1 - belly) * Turned(Skeleton.Pelvis, off) + belly * Turned(Skeleton.Spine1, off);
            if (legs > 0)
            {
                Vector3 wider = Vertices[anchor] - Carried(Skeleton.Pelvis, _rest[anchor]);
                Vector3 thighs = left * Carried(Skeleton.LeftHip, p) + (1 - left) * Carried(Skeleton.RightHip, p) + wider;
                hips = Vector3.Lerp(hips, thighs, legs);
            }
            Vertices[at] = hips;
        }
    }

    // A tube from the knot, which falls behind the neck and becomes narrow at its end.
    private void CutPonytail(float end)
    {
        const float top = 0.490f;
        for (int k = 0; k < _hair.OuterCount; k++)
        {
            float share = k / _hair.Around / (float)_hair.Down, angle = 2 * MathF.PI * (k % _hair.Around) / (_hair.Around - 1);
            float radius = (0.016f + 0.018f * Blend.Step(0, 0.35f, share)) * (1 - 0.7f * Blend.Step(0.7f, 1, share));
            var direction = new Vector3(MathF.Sin(angle), 0, MathF.Cos(angle));
            float back = 0.095f + 0.065f * Blend.Step(0, 0.25f, share) - 0.035f * Blend.Step(0.35f, 1, share);
            _rest[_hairAt + k] = new Vector3(0, top + share * (end - top), -back) + radius * direction;
            _restNormals[_hairAt + k] = direction;
        }
        Line(_hair, _hairAt, 0.004f);
    }
}
