package pdf

import (
	"bytes"
	"image"
	"image/color"
	_ "image/jpeg" // logos come as JPEG…
	"image/png"    // …and PNG
)

// The limits of a logo. What is larger on paper than it need be is scaled down.
const (
	maxLogoPixels = 16 << 20 // of what is uploaded
	logoPixels    = 720      // along its longer side, in the file
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

// flatten puts the picture on white, scaled down to logoPixels: each pixel is
// the mean of those that it stands for.
func flatten(picture image.Image) *image.RGBA {
	from := picture.Bounds()
	longer := max(from.Dx(), from.Dy())
	scale := min(1, float64(logoPixels)/float64(longer))
	w, h := max(1, int(float64(from.Dx())*scale)), max(1, int(float64(from.Dy())*scale))

	flat := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		top, bottom := from.Dy()*y/h, max(from.Dy()*(y+1)/h, from.Dy()*y/h+1)
		for x := range w {
			left, right := from.Dx()*x/w, max(from.Dx()*(x+1)/w, from.Dx()*x/w+1)
			var r, g, b, n uint64
			for sy := top; sy < bottom; sy++ {
				for sx := left; sx < right; sx++ {
					pr, pg, pb, pa := picture.At(from.Min.X+sx, from.Min.Y+sy).RGBA()
					paper := uint64(0xffff - pa) // colours are premultiplied, so white fills the rest
					r, g, b, n = r+uint64(pr)+paper, g+uint64(pg)+paper, b+uint64(pb)+paper, n+1
				}
			}
			flat.SetRGBA(x, y, color.RGBA{uint8(r / n >> 8), uint8(g / n >> 8), uint8(b / n >> 8), 0xff})
		}
	}
	return flat
}
