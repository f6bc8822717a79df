package pdf

import (
	"math"
	"strconv"
)

// rgb is an sRGB colour.
type rgb struct{ r, g, b uint8 }

// The colours of the pages.
var (
	ink      = rgb{0x17, 0x19, 0x1c}
	ink2     = rgb{0x4c, 0x51, 0x57}
	ink3     = rgb{0x63, 0x68, 0x6f}
	hairline = rgb{0xe4, 0xe4, 0xdf}
	edge     = rgb{0xcf, 0xcf, 0xc9}
	white    = rgb{0xff, 0xff, 0xff}
	ours     = rgb{0x17, 0x45, 0x7c}
	good     = rgb{0x10, 0x62, 0x3d}
	warn     = rgb{0x7a, 0x4a, 0x05}
	bad      = rgb{0xa1, 0x26, 0x1d}
)

// accentOf reads an organization's colour, "#17457c", and darkens it until it
// can be read on white. What isn't a colour is the product's own.
func accentOf(text string) rgb {
	if len(text) != 7 || text[0] != '#' {
		return ours
	}
	n, err := strconv.ParseUint(text[1:], 16, 32)
	if err != nil {
		return ours
	}
	accent := rgb{uint8(n >> 16), uint8(n >> 8), uint8(n)}
	for accent.contrast(white) < 4.5 {
		accent = accent.towards(rgb{}, 0.06)
	}
	return accent
}

// towards mixes a share of another colour into c.
func (c rgb) towards(other rgb, share float64) rgb {
	mix := func(a, b uint8) uint8 {
		return uint8(math.Floor(float64(a)*(1-share) + float64(b)*share))
	}
	return rgb{mix(c.r, other.r), mix(c.g, other.g), mix(c.b, other.b)}
}

// soft is the colour as a background for text in it.
func (c rgb) soft() rgb { return c.towards(white, 0.92) }

// contrast is WCAG's contrast ratio, 1 to 21: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio.
func (c rgb) contrast(other rgb) float64 {
	a, b := c.luminance(), other.luminance()
	return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}

func (c rgb) luminance() float64 {
	linear := func(part uint8) float64 {
		v := float64(part) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.r) + 0.7152*linear(c.g) + 0.0722*linear(c.b)
}
