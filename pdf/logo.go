package pdf

import (
	"bytes"
	"image"
	"image/draw"
	_ "image/jpeg" // logos come as JPEG…
	"image/png"    // …and PNG
)

// The limits of a logo. What is larger on paper than it need be is scaled down.
const (
	maxLogoPixels = 4 << 20 // of what is uploaded
	logoPixels    = 720     // along its longer side, in the file
)

// logo is a picture ready to be embedded.
type logo struct {
	png           []byte
	width, height float64 // pixels
}

// readLogo makes of an uploaded PNG or JPEG a plain PNG on white, which is
// what fpdf is sure to read. It is false for what isn't a picture or is too
// large: the document then bears the organization's name instead.
func readLogo(file []byte) (logo, bool) {
	config, _, err := image.DecodeConfig(bytes.NewReader(file))
	if err != nil || config.Width < 1 || config.Height < 1 || config.Width > maxLogoPixels/config.Height {
		return logo{}, false
	}
	picture, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return logo{}, false
	}
	flat := flatten(picture)
	var out bytes.Buffer
	if err := png.Encode(&out, flat); err != nil {
		return logo{}, false
	}
	size := flat.Bounds().Size()
	return logo{png: out.Bytes(), width: float64(size.X), height: float64(size.Y)}, true
}

// flatten puts the picture on white, and scales it down to logoPixels.
func flatten(picture image.Image) *image.RGBA {
	size := picture.Bounds().Size()
	flat := image.NewRGBA(image.Rectangle{Max: size})
	draw.Draw(flat, flat.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(flat, flat.Rect, picture, picture.Bounds().Min, draw.Over)
	if longer := max(size.X, size.Y); longer > logoPixels {
		return shrink(flat, max(1, size.X*logoPixels/longer), max(1, size.Y*logoPixels/longer))
	}
	return flat
}

// shrink makes each pixel the mean of those that it stands for.
func shrink(from *image.RGBA, w, h int) *image.RGBA {
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	size := from.Rect.Size()
	for y := range h {
		top, bottom := size.Y*y/h, size.Y*(y+1)/h
		for x := range w {
			left, right := size.X*x/w, size.X*(x+1)/w
			var sum [4]int
			for row := top; row < bottom; row++ {
				for i := from.PixOffset(left, row); i < from.PixOffset(right, row); i += 4 {
					for part := range sum {
						sum[part] += int(from.Pix[i+part])
					}
				}
			}
			at, n := to.PixOffset(x, y), (bottom-top)*(right-left)
			for part := range sum {
				to.Pix[at+part] = uint8(sum[part] / n)
			}
		}
	}
	return to
}
