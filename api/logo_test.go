package api

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"countersign/documents"
	"countersign/portal"
)

// pictured is a picture of that size.
func pictured(width, height int) *image.NRGBA {
	picture := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i := range picture.Pix {
		picture.Pix[i] = byte(i)
	}
	return picture
}

func encoded(t *testing.T, picture image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// claiming is a small PNG that says it is of another size: decoded, it would be
// that many pixels.
func claiming(t *testing.T, width, height uint32) []byte {
	t.Helper()
	file := encoded(t, pictured(32, 32))
	header := file[12:29] // IHDR: its type, width, height and five bytes more
	binary.BigEndian.PutUint32(header[4:], width)
	binary.BigEndian.PutUint32(header[8:], height)
	binary.BigEndian.PutUint32(file[29:], crc32.ChecksumIEEE(header))
	return file
}

// N12: what is no fit picture is refused before it is decoded, in words, at the
// field; and nothing is stored of it.
func TestWhatIsNoLogoIsRefused(t *testing.T) {
	b := setup(t)
	whole := encoded(t, pictured(64, 64))
	for name, c := range map[string]struct {
		file []byte
		says string
	}{
		"an SVG":             {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "PNG or JPEG"},
		"a page":             {[]byte("<!doctype html><p>Hello"), "PNG or JPEG"},
		"a GIF":              {[]byte("GIF89a\x40\x00\x40\x00\x00\x00\x00;"), "PNG or JPEG"},
		"a letter":           {[]byte("x"), "PNG or JPEG"},
		"a bomb":             {claiming(t, 50_000, 50_000), "4000 pixels"},
		"a bomb within 4000": {claiming(t, 3_999, 3_999), "8 million"},
		"a dot":              {encoded(t, pictured(8, 8)), "at least 16"},
		"a line":             {encoded(t, pictured(400, 20)), "less long and thin"},
		"a torn one":         {whole[:len(whole)/2], "damaged"},
		"a large file":       {append(bytes.Clone(whole), make([]byte, documents.MaxLogoBytes)...), "512 KB"},
	} {
		got := b.call(session(b.bright.admin), http.MethodPut, "/api/bright/console/organization/logo", map[string]any{"image": base64.StdEncoding.EncodeToString(c.file)})
		if got.status != http.StatusUnprocessableEntity {
			t.Errorf("%s is answered %d: %s", name, got.status, got.body)
			continue
		}
		if problem := got.problem(t); len(problem.Errors) != 1 || problem.Errors[0].Location != "body.image" || !strings.Contains(problem.Errors[0].Message, c.says) {
			t.Errorf("%s is refused with %+v", name, problem)
		}
	}
	if n := value[int](b, `SELECT count(*) FROM logos`); n != 0 {
		t.Errorf("%d logos are stored", n)
	}
}

// What is kept of a logo is a picture of our own: smaller, PNG, without a byte of
// what came behind it. Everybody reads it under its hash alone.
func TestALogoIsDrawnAnew(t *testing.T) {
	b := setup(t)
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, pictured(1600, 400), nil); err != nil {
		t.Fatal(err)
	}
	hidden := []byte("<script>alert(1)</script>")
	in := &SaveLogoInput{}
	in.Body.Image = append(photo.Bytes(), hidden...)
	brand := must(b.SaveLogo.Do(as(t.Context(), b.bright.admin), in))(t).Body
	kept := value[[]byte](b, `SELECT png FROM logos`)
	picture, err := png.Decode(bytes.NewReader(kept))
	if err != nil || picture.Bounds().Dx() != 640 || picture.Bounds().Dy() != 160 || bytes.Contains(kept, hidden) {
		t.Fatalf("kept as %v of %v: %v", http.DetectContentType(kept), picture.Bounds(), err)
	}
	hash := value[string](b, `SELECT encode(hash, 'hex') FROM logos`)
	got := b.call(nobody, http.MethodGet, "/api/bright/portal/logo.png?v="+hash, nil)
	if got.status != http.StatusOK || got.header.Get("Content-Type") != "image/png" || got.header.Get("X-Content-Type-Options") != "nosniff" || !bytes.Equal(got.body, kept) {
		t.Errorf("%+v reads as %d %v", brand, got.status, got.header)
	}
	for _, other := range []string{"/api/other/portal/logo.png?v=" + hash, "/api/bright/portal/logo.png?v=" + strings.Repeat("00", 32), "/api/bright/portal/logo.png"} {
		if got := b.call(nobody, http.MethodGet, other, nil); got.status != http.StatusNotFound {
			t.Errorf("%s is answered %d", other, got.status)
		}
	}
	in.Body.Image = encoded(t, pictured(64, 64))
	if _, err := b.SaveLogo.Do(as(t.Context(), b.bright.member), in); portal.CodeOf(err) != portal.CodeForbidden {
		t.Errorf("one who doesn't manage settings: %v", err)
	}
	if transparent := color.NRGBAModel.Convert(picture.At(0, 0)).(color.NRGBA); transparent.A != 255 {
		t.Errorf("a photo is see-through: %v", transparent)
	}
}
