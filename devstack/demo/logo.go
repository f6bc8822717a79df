package demo

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"strconv"

	"countersign/db/dbsqlc"
	"countersign/documents"
)

// mark is a logo: what is at a point of a square from (-1, -1), top left, to (1, 1).
type mark func(x, y float64) tint

// tint is a colour of a logo.
type tint int

const (
	nothing tint = iota
	ground       // the business's own colour
	light        // on it
	glow         // a warm one beside
)

// markSide is a logo's width and height in pixels; each is the mean of smooth² points.
const (
	markSide = 192
	smooth   = 4
)

// writeLogo draws the business's logo, and takes the way of every other one.
func (y *year) writeLogo(r *rows) error {
	rgb, err := strconv.ParseUint(y.b.accent[1:], 16, 32)
	if err != nil {
		return fmt.Errorf("reading the colour of %s: %w", y.b.name, err)
	}
	palette := map[tint][4]float64{
		ground: {float64(rgb >> 16), float64(rgb >> 8 & 0xff), float64(rgb & 0xff), 1},
		light:  {255, 252, 246, 1},
		glow:   {245, 200, 110, 1},
	}
	picture := image.NewNRGBA(image.Rect(0, 0, markSide, markSide))
	for py := range markSide {
		for px := range markSide {
			picture.SetNRGBA(px, py, y.b.mark.at(px, py, palette))
		}
	}
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		return fmt.Errorf("drawing the logo of %s: %w", y.b.name, err)
	}
	logo, err := documents.ReadLogo(file.Bytes())
	if err != nil {
		return err
	}
	r.logos = append(r.logos, dbsqlc.Logo{OrgID: y.org, Png: logo.PNG, Width: int32(logo.Width), Height: int32(logo.Height), Hash: logo.Hash, UpdatedAt: y.founded()})
	return nil
}

// at is a pixel of it.
func (m mark) at(px, py int, palette map[tint][4]float64) color.NRGBA {
	var sum [4]float64
	for i := range smooth * smooth {
		x := (float64(px*smooth+i%smooth)+0.5)/(markSide*smooth)*2 - 1
		y := (float64(py*smooth+i/smooth)+0.5)/(markSide*smooth)*2 - 1
		c := palette[m(x, y)]
		for j := range 3 {
			sum[j] += c[j] * c[3]
		}
		sum[3] += c[3]
	}
	if sum[3] == 0 {
		return color.NRGBA{}
	}
	channel := func(j int) uint8 { return uint8(math.Round(sum[j] / sum[3])) }
	return color.NRGBA{channel(0), channel(1), channel(2), uint8(math.Round(255 * sum[3] / (smooth * smooth)))}
}

// inTile reports whether a point is in the square with round corners.
func inTile(x, y float64) bool {
	const r = 0.42
	dx, dy := max(math.Abs(x)-(1-r), 0), max(math.Abs(y)-(1-r), 0)
	return math.Hypot(dx, dy) <= r
}

// alderMark is a leaf with its rib, turned as a vane turns.
func alderMark(x, y float64) tint {
	if !inTile(x, y) {
		return nothing
	}
	along, across := (x-y)/math.Sqrt2, (x+y)/math.Sqrt2
	const r, d = 1.0, 0.58 // a leaf is where two circles overlap
	inLeaf := math.Hypot(along, across-d) < r && math.Hypot(along, across+d) < r
	vein := math.Mod(along+2+math.Abs(across), 0.36) < 0.05 && math.Abs(across) < 0.34
	switch {
	case math.Abs(across) < 0.035 && along > -1.05 && along < 0.72:
		if inLeaf {
			return ground
		}
		return light
	case inLeaf && vein:
		return ground
	case inLeaf:
		return light
	}
	return ground
}

// sumireMark is a violet: five petals about a yellow eye.
func sumireMark(x, y float64) tint {
	if math.Hypot(x, y) > 1 {
		return nothing
	}
	if math.Hypot(x, y-0.04) < 0.15 {
		return glow
	}
	for i := range 5 {
		angle := math.Pi/2 + float64(i)*2*math.Pi/5 // the first one hangs
		reach, wide := 0.42, 0.27
		if i == 0 {
			reach, wide = 0.44, 0.32
		}
		px, py := x-reach*math.Cos(angle), y-0.04-reach*math.Sin(angle)
		along, across := px*math.Cos(angle)+py*math.Sin(angle), -px*math.Sin(angle)+py*math.Cos(angle)
		if math.Hypot(along/0.36, across/wide) < 1 {
			return light
		}
	}
	return ground
}

// rimalMark is a sun above two dunes: rimal are sands.
func rimalMark(x, y float64) tint {
	if !inTile(x, y) {
		return nothing
	}
	far, near := 0.12+0.16*math.Sin(2.6*x+0.5), 0.46+0.2*math.Sin(2.4*x-1.3)
	switch {
	case y > near:
		return light
	case y > near-0.07:
		return ground
	case y > far:
		return light
	case math.Hypot(x-0.3, y+0.42) < 0.24:
		return glow
	}
	return ground
}
