package documents

import (
	"bytes"
	"crypto/sha256"
	"image"
	"image/color"
	_ "image/jpeg" // logos come as JPEG…
	"image/png"    // …and PNG, and are kept as PNG

	"countersign/portal"
)

// The limits of a logo.
const (
	MaxLogoBytes = 512 << 10 // of what is uploaded
	maxLogoSide  = 4000      // pixels of what is uploaded
	maxLogoArea  = 8 << 20   // and of both sides together
	logoSide     = 640       // of what is kept
)

// Logo is a picture that we encoded: no byte of what was uploaded is in it, and so
// nothing that hid there.
type Logo struct {
	PNG           []byte
	Width, Height int
	// Hash is SHA-256 of PNG.
	Hash []byte
}

// ReadLogo makes a logo of an uploaded PNG or JPEG, scaled down where it is larger
// than it need be. Its size is looked at before it is decoded. Errors have
// CodeInvalid and name the field "image".
func ReadLogo(file []byte) (Logo, error) {
	refused := func(why string) (Logo, error) {
		return Logo{}, portal.Invalid("This picture can't be used as a logo.", portal.Field("image", "%s", why))
	}
	if len(file) > MaxLogoBytes {
		return refused("Choose a file of at most 512 KB.")
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(file))
	switch {
	case err != nil, format != "png" && format != "jpeg": // others may be registered by whoever is linked in
		return refused("Choose a PNG or JPEG picture.")
	case config.Width < 16 || config.Height < 16:
		return refused("Choose a picture of at least 16 by 16 pixels.")
	case config.Width > maxLogoSide || config.Height > maxLogoSide || config.Width*config.Height > maxLogoArea:
		return refused("Choose a picture of at most 4000 pixels a side and 8 million altogether.")
	case config.Width > 10*config.Height || config.Height > 3*config.Width:
		return refused("Choose a picture that is less long and thin.")
	}
	picture, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return refused("This picture is damaged. Save it again and try once more.")
	}
	kept := scaled(picture)
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&out, kept); err != nil {
		return refused("This picture can't be read.")
	}
	hash := sha256.Sum256(out.Bytes())
	size := kept.Bounds().Size()
	return Logo{PNG: out.Bytes(), Width: size.X, Height: size.Y, Hash: hash[:]}, nil
}

// scaled is the picture with its longer side at most logoSide: each pixel is the
// mean of those that it stands for, weighted by how opaque they are.
func scaled(from image.Image) *image.NRGBA {
	bounds := from.Bounds()
	w, h := bounds.Dx(), bounds.Dy()
	if longer := max(w, h); longer > logoSide {
		w, h = max(1, w*logoSide/longer), max(1, h*logoSide/longer)
	}
	to := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		top, bottom := bounds.Min.Y+bounds.Dy()*y/h, bounds.Min.Y+bounds.Dy()*(y+1)/h
		for x := range w {
			left, right := bounds.Min.X+bounds.Dx()*x/w, bounds.Min.X+bounds.Dx()*(x+1)/w
			to.Set(x, y, mean(from, image.Rect(left, top, right, bottom)))
		}
	}
	return to
}

// mean is the colour of an area; its parts are premultiplied by their alpha.
func mean(of image.Image, area image.Rectangle) color.Color {
	var red, green, blue, alpha uint64
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			r, g, b, a := of.At(x, y).RGBA()
			red, green, blue, alpha = red+uint64(r), green+uint64(g), blue+uint64(b), alpha+uint64(a)
		}
	}
	n := uint64(area.Dx() * area.Dy())
	return color.RGBA64{uint16(red / n), uint16(green / n), uint16(blue / n), uint16(alpha / n)}
}
