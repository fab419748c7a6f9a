package scrub

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	stdjpeg "image/jpeg"
	stdpng "image/png"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// canary stands wherever something about the maker stands.
const canary = "zebra-4711"

func picture() image.Image {
	r := rand.New(rand.NewPCG(1, 1))
	img := image.NewRGBA(image.Rect(0, 0, 61, 43))
	for x := range 61 {
		for y := range 43 {
			img.Set(x, y, color.RGBA{uint8(x * 4), uint8(y * 5), uint8(r.IntN(256)), 255})
		}
	}
	return img
}

// tiff makes a directory with orientation, location and a text.
func tiff(order binary.AppendByteOrder, orientation uint16) []byte {
	b := []byte("MM\x00*")
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		b = []byte("II*\x00")
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 2)
	b = order.AppendUint16(order.AppendUint16(b, tagOrientation), 3)
	b = order.AppendUint16(order.AppendUint16(order.AppendUint32(b, 1), orientation), 0)
	b = order.AppendUint16(order.AppendUint16(b, tagLocation), 4)
	b = order.AppendUint32(order.AppendUint32(b, 1), 38)
	return append(order.AppendUint32(b, 0), canary...)
}

func jpegSegment(marker byte, payload string) string {
	n := len(payload) + 2
	return string([]byte{0xff, marker, byte(n >> 8), byte(n)}) + payload
}

func plainJPEG(tb testing.TB) []byte {
	var b bytes.Buffer
	if err := stdjpeg.Encode(&b, picture(), nil); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func fullJPEG(tb testing.TB) []byte {
	plain := plainJPEG(tb)
	jfif := "JFIF\x00\x01\x02\x01\x00H\x00H\x01\x01" + "\x00\x01\x02" // a thumbnail of one pixel
	head := jpegSegment(0xe0, jfif) + jpegSegment(0xe0, "JFXX\x00"+canary) + jpegSegment(0xe1, exifMagic+string(tiff(binary.LittleEndian, 6))) +
		"\xff\xff" + jpegSegment(0xe1, "http://ns.adobe.com/xap/1.0/\x00"+canary) + jpegSegment(0xe2, iccMagic+"\x01\x01profile") + jpegSegment(0xe2, "MPF\x00"+canary) +
		jpegSegment(0xed, "Photoshop 3.0\x00"+canary) + jpegSegment(0xee, "Adobe\x00\x64\x00\x00\x00\x00\x01"+canary) + jpegSegment(0xfe, canary)
	return append(append([]byte("\xff\xd8"+head), plain[2:]...), canary...)
}

func scrubbed(tb testing.TB, data []byte) ([]byte, Report) {
	tb.Helper()
	var out bytes.Buffer
	report, err := Scrub(&out, bytes.NewReader(data), int64(len(data)))
	if err != nil {
		tb.Fatal(err)
	}
	return out.Bytes(), report
}

func samePicture(t *testing.T, a, b []byte) {
	t.Helper()
	one, _, err := image.Decode(bytes.NewReader(a))
	if err != nil {
		t.Fatal(err)
	}
	two, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	for x := range one.Bounds().Dx() {
		for y := range one.Bounds().Dy() {
			if one.At(x, y) != two.At(x, y) {
				t.Fatalf("pixel %d,%d differs", x, y)
			}
		}
	}
}

func TestJPEG(t *testing.T) {
	full := fullJPEG(t)
	out, report := scrubbed(t, full)
	if bytes.Contains(out, []byte(canary)) {
		t.Error("something about the maker is left")
	}
	samePicture(t, full, out)
	if want := []string{"EXIF", "IPTC", "XMP", "comment", "data after the picture", "location", "thumbnail", "vendor data"}; !slices.Equal(report.Removed, want) {
		t.Errorf("removed %q", report.Removed)
	}
	if want := []string{"colour profile", "orientation"}; !slices.Equal(report.Kept, want) {
		t.Errorf("kept %q", report.Kept)
	}
	if at := bytes.Index(out, []byte(exifMagic)); at < 0 || findOrientation(out[at+len(exifMagic):]) != 6 || !bytes.Contains(out, []byte(iccMagic+"\x01\x01profile")) {
		t.Error("orientation or colour profile are gone")
	}
	if again, _ := scrubbed(t, out); !bytes.Equal(again, out) {
		t.Error("twice is not once")
	}
	plain := plainJPEG(t)
	if out, report := scrubbed(t, plain); !bytes.Equal(out, plain) || len(report.Removed)+len(report.Kept) > 0 {
		t.Errorf("a picture with nothing to remove is changed: %+v", report)
	}
	for n := range len(full) - len(canary) - 1 {
		_, err := Scrub(io.Discard, bytes.NewReader(full[:n]), int64(n))
		if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrUnknown) {
			t.Fatalf("cut at %d: %v", n, err)
		}
	}
	if _, err := Scrub(io.Discard, bytes.NewReader([]byte("\xff\xd8\xff\xf7\x00\x02")), 6); !errors.Is(err, ErrDamaged) {
		t.Errorf("a segment that is not known: %v", err)
	}
}

// TestScans holds that restarts, bytes FF and tables between scans survive, as in progressive pictures.
func TestScans(t *testing.T) {
	in := "\xff\xd8" + jpegSegment(0xc2, "frame") + jpegSegment(0xda, "one") + "a\xff\x00b\xff\xd0c" + jpegSegment(0xc4, "table") + jpegSegment(0xda, "two") + "\xff\x00\xff\xd7" + "\xff\xd9"
	if out, _ := scrubbed(t, []byte(in)); string(out) != in {
		t.Errorf("got %q, want %q", out, in)
	}
	with := strings.Replace(in, jpegSegment(0xc4, "table"), jpegSegment(0xc4, "table")+jpegSegment(0xfe, canary), 1)
	if out, _ := scrubbed(t, []byte(with)); string(out) != in {
		t.Errorf("a comment between scans: %q", out)
	}
}

func chunk(kind, data string) string {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	return string(binary.BigEndian.AppendUint32(append(b, kind+data...), crc32.ChecksumIEEE([]byte(kind+data))))
}

func fullPNG(tb testing.TB) []byte {
	var b bytes.Buffer
	if err := stdpng.Encode(&b, picture()); err != nil {
		tb.Fatal(err)
	}
	const ihdr = 8 + 25
	plain := b.String()
	return []byte(plain[:ihdr] + chunk("gAMA", "\x00\x00\xb1\x8f") + chunk("tEXt", "Author\x00"+canary) + chunk("iTXt", "XML:com.adobe.xmp\x00"+canary) + chunk("zTXt", canary) +
		chunk("tIME", "\x07\xe6\x01\x02\x03\x04\x05") + chunk("eXIf", string(tiff(binary.BigEndian, 3))) + chunk("caBX", canary) + plain[ihdr:] + canary)
}

func TestPNG(t *testing.T) {
	full := fullPNG(t)
	out, report := scrubbed(t, full)
	if bytes.Contains(out, []byte(canary)) || bytes.Contains(out, []byte("tIME")) {
		t.Error("something about the maker is left")
	}
	samePicture(t, full, out)
	if want := []string{"EXIF", "data after the picture", "location", "texts", "time", "vendor data"}; !slices.Equal(report.Removed, want) {
		t.Errorf("removed %q", report.Removed)
	}
	if !slices.Equal(report.Kept, []string{"orientation"}) || !bytes.Contains(out, []byte("gAMA")) {
		t.Errorf("kept %q", report.Kept)
	}
	if again, _ := scrubbed(t, out); !bytes.Equal(again, out) {
		t.Error("twice is not once")
	}
	for about, data := range map[string][]byte{
		"cut":          full[:len(full)/2],
		"wrong sum":    bytes.Replace(full, []byte("gAMA\x00\x00"), []byte("gAMA\x00\x01"), 1),
		"must be seen": bytes.Replace(full, []byte(chunk("tEXt", "Author\x00"+canary)), []byte(chunk("TEXt", canary)), 1),
		"too long":     append(full[:33:33], "\xff\xff\xff\xfftEXt"...),
	} {
		if _, err := Scrub(io.Discard, bytes.NewReader(data), int64(len(data))); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", about, err)
		}
	}
}

func TestDetect(t *testing.T) {
	for magic, want := range map[string]struct {
		kind Kind
		err  error
	}{
		"%PDF-1.7":                         {"PDF", ErrCarries},
		"\x00\x00\x00\x20ftypheic":         {"HEIC, MP4 or QuickTime", ErrCarries},
		"RIFF\x00\x00\x00\x00WEBP":         {"WebP", ErrCarries},
		"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": {"old Office", ErrCarries},
		"hello":                            {"", ErrUnknown},
		"":                                 {"", ErrUnknown},
		"PK\x03\x04":                       {"zip", ErrUnknown},
		"\xff\xd8\xff\xe0":                 {JPEG, nil},
	} {
		kind, err := Detect(strings.NewReader(magic), int64(len(magic)))
		if kind != want.kind || !errors.Is(err, want.err) {
			t.Errorf("%q: %s, %v", magic, kind, err)
		}
	}
	if kind, err := Scrub(io.Discard, strings.NewReader("%PDF-1.7"), 8); kind.Kind != "PDF" || !errors.Is(err, ErrCarries) {
		t.Errorf("a PDF is scrubbed: %v, %v", kind, err)
	}
}

func TestEdit(t *testing.T) {
	r := rules{
		drop: func(e xml.StartElement) bool { return e.Name.Local == "gone" },
		text: func(e xml.StartElement) (string, bool) { return "A & B", e.Name.Local == "who" },
		attr: func(_ string, a xml.Attr) (string, bool) {
			if a.Name.Local == "author" {
				return `"<&`, true
			}
			return a.Value, a.Name.Local != "id"
		},
	}
	for in, want := range map[string]string{
		"\ufeff<?xml version='1.0'?><!-- c --><a>\r\n<b/></a>": "\ufeff<?xml version='1.0'?><!-- c --><a>\r\n<b/></a>",
		`<a><gone>x<gone/>y</gone>z<gone/></a>`:                `<a>z</a>`,
		`<a><who>x<b>y</b></who><who/></a>`:                    `<a><who>A &amp; B</who><who/></a>`,
		`<a id="1" b = '2"'  w:author="x" c="&lt;"/>`:          `<a b = '2"'  w:author="&#34;&lt;&amp;" c="&lt;"/>`,
		`<a id = "1"  >t</a>`:                                  `<a  >t</a>`,
		`<a><![CDATA[<gone>]]></a>`:                            `<a><![CDATA[<gone>]]></a>`,
	} {
		if got, err := edit([]byte(in), r); err != nil || string(got) != want {
			t.Errorf("%s gives %s, %v", in, got, err)
		}
	}
	for _, in := range []string{"<a", "<a b>", "<gone>", "<a>&x;</a>"} {
		if _, err := edit([]byte(in), r); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", in, err)
		}
	}
}

// parts gives the parts of a document by name, with the times that the zip file says of them.
func parts(tb testing.TB, data []byte) map[string]string {
	tb.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		tb.Fatal(err)
	}
	found := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			tb.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			tb.Fatal(err)
		}
		found[f.Name] = string(text)
		if f.Modified.Year() > 1980 {
			found[f.Name] += f.Modified.Format(" dated 2006-01-02")
		}
	}
	return found
}

// pack makes a document of parts, in the order given: name, text, name, text.
func pack(tb testing.TB, parts ...string) []byte {
	tb.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		h := &zip.FileHeader{Name: parts[i], Method: zip.Deflate}
		if parts[i] == "mimetype" {
			h.Method = zip.Store
		}
		w, err := z.CreateHeader(h)
		if err == nil {
			_, err = w.Write([]byte(parts[i+1]))
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	if err := z.SetComment(canary); err != nil {
		tb.Fatal(err)
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func sampleDOCX(tb testing.TB) []byte {
	rel := func(kind, target string) string {
		return fmt.Sprintf(`<Relationship Id="%s" Type="http://x/%s" Target="%s"/>`, kind, kind, target)
	}
	return pack(tb,
		"[Content_Types].xml", `<Types><Default Extension="xml" ContentType="text/xml"/><Override PartName="/word/document.xml" ContentType="x"/><Override PartName="/docMetadata/LabelInfo.xml" ContentType="y"/></Types>`,
		"_rels/.rels", `<Relationships>`+rel("officeDocument", "word/document.xml")+rel("thumbnail", "docProps/thumbnail.jpeg")+rel("labels", "/docMetadata/LabelInfo.xml")+`</Relationships>`,
		"docProps/core.xml", `<cp:coreProperties><dc:creator>`+canary+`</dc:creator></cp:coreProperties>`,
		"docProps/app.xml", `<Properties><Company>`+canary+`</Company></Properties>`,
		"docProps/custom.xml", `<Properties><property name="x">`+canary+`</property></Properties>`,
		"docProps/thumbnail.jpeg", canary,
		"docMetadata/LabelInfo.xml", canary,
		"word/document.xml", `<w:document><w:p w:rsidR="0012AB34" w:x="1"><w:ins w:id="7" w:author="`+canary+`" w:date="2026-01-02T03:04:05Z"><w:r><w:t>Text stays.</w:t></w:r></w:ins></w:p></w:document>`,
		"word/comments.xml", `<w:comments><w:comment w:id="1" w:author="`+canary+`" w:initials="zebra-4711" w:date="2026-01-02T03:04:05Z"><w:t>Comment stays.</w:t></w:comment></w:comments>`,
		"word/people.xml", `<w15:people><w15:person w15:author="`+canary+`"><w15:presenceInfo w15:providerId="AD" w15:userId="`+canary+`"/></w15:person></w15:people>`,
		"word/settings.xml", `<w:settings><w:attachedTemplate r:id="rId1"/><w:rsids><w:rsidRoot w:val="0012AB34"/></w:rsids><w:zoom w:percent="100"/></w:settings>`,
		"word/_rels/settings.xml.rels", `<Relationships><Relationship Id="rId1" Type="http://x/attachedTemplate" Target="file:///C:/Users/`+canary+`/x.dotx" TargetMode="External"/></Relationships>`,
		"word/media/image1.jpeg", string(fullJPEG(tb)),
		"word/media/image2.png", string(fullPNG(tb)),
		"word/embeddings/Sheet1.xlsx", string(sampleXLSX(tb)),
		"customXml/item1.xml", `<x/>`,
	)
}

func sampleXLSX(tb testing.TB) []byte {
	return pack(tb,
		"[Content_Types].xml", `<Types/>`,
		"docProps/core.xml", `<cp:coreProperties><cp:lastModifiedBy>`+canary+`</cp:lastModifiedBy></cp:coreProperties>`,
		"xl/workbook.xml", `<workbook><fileSharing userName="`+canary+`"/><mc:AlternateContent><x15ac:absPath url="C:\Users\`+canary+`"/></mc:AlternateContent><sheets/></workbook>`,
		"xl/worksheets/sheet1.xml", `<worksheet><sheetData><row r="1"><c r="A1"><v>42</v></c></row></sheetData><pageSetup orientation="portrait" r:id="rId1"/></worksheet>`,
		"xl/worksheets/_rels/sheet1.xml.rels", `<Relationships><Relationship Id="rId1" Type="http://x/printerSettings" Target="../printerSettings/printerSettings1.bin"/></Relationships>`,
		"xl/printerSettings/printerSettings1.bin", canary,
		"xl/comments1.xml", `<comments><authors><author>`+canary+`</author></authors><commentList/></comments>`,
		"xl/persons/person.xml", `<personList><person displayName="`+canary+`" id="{1}" userId="`+canary+`" providerId="AD"/></personList>`,
		"xl/threadedComments/threadedComment1.xml", `<ThreadedComments><threadedComment ref="A1" dT="2026-01-02T03:04:05.00" personId="{1}"><text>Stays.</text></threadedComment></ThreadedComments>`,
	)
}

func TestOffice(t *testing.T) {
	out, report := scrubbed(t, sampleDOCX(t))
	if bytes.Contains(out, []byte(canary)) {
		t.Error("the zip file names the maker")
	}
	found := parts(t, out)
	inner := found["word/embeddings/Sheet1.xlsx"]
	delete(found, "word/embeddings/Sheet1.xlsx")
	for name, text := range parts(t, []byte(inner)) {
		found["inner "+name] = text
	}
	for name, text := range found {
		for _, bad := range []string{canary, "0012AB34", "2026-01-02", " dated "} {
			if strings.Contains(text, bad) {
				t.Errorf("%s holds %s: %.300s", name, bad, text)
			}
		}
	}
	for name, want := range map[string]string{
		"word/document.xml":                         `<w:document><w:p w:x="1"><w:ins w:id="7" w:author="Author"><w:r><w:t>Text stays.</w:t></w:r></w:ins></w:p></w:document>`,
		"word/comments.xml":                         `<w:comments><w:comment w:id="1" w:author="Author" w:initials="A"><w:t>Comment stays.</w:t></w:comment></w:comments>`,
		"word/settings.xml":                         `<w:settings><w:zoom w:percent="100"/></w:settings>`,
		"word/_rels/settings.xml.rels":              `<Relationships></Relationships>`,
		"_rels/.rels":                               `<Relationships><Relationship Id="officeDocument" Type="http://x/officeDocument" Target="word/document.xml"/></Relationships>`,
		"[Content_Types].xml":                       `<Types><Default Extension="xml" ContentType="text/xml"/><Override PartName="/word/document.xml" ContentType="x"/></Types>`,
		"inner xl/worksheets/sheet1.xml":            `<worksheet><sheetData><row r="1"><c r="A1"><v>42</v></c></row></sheetData><pageSetup orientation="portrait"/></worksheet>`,
		"inner xl/worksheets/_rels/sheet1.xml.rels": `<Relationships></Relationships>`,
		"inner xl/comments1.xml":                    `<comments><authors><author>Author</author></authors><commentList/></comments>`,
	} {
		if found[name] != want {
			t.Errorf("%s is %s", name, found[name])
		}
	}
	for _, gone := range []string{"docProps/thumbnail.jpeg", "docMetadata/LabelInfo.xml", "inner xl/printerSettings/printerSettings1.bin"} {
		if _, there := found[gone]; there {
			t.Errorf("%s is still there", gone)
		}
	}
	samePicture(t, fullJPEG(t), []byte(found["word/media/image1.jpeg"]))
	for _, want := range []string{"EXIF", "authors", "location", "printer", "properties", "revisions", "template", "thumbnail", "times"} {
		if !slices.Contains(report.Removed, want) {
			t.Errorf("it is not said that %s was removed: %q", want, report.Removed)
		}
	}
	if want := []string{"colour profile", "custom XML", "orientation"}; !slices.Equal(report.Kept, want) {
		t.Errorf("kept %q", report.Kept)
	}
}

func TestPowerPoint(t *testing.T) {
	out, _ := scrubbed(t, pack(t,
		"[Content_Types].xml", `<Types><Override PartName="/ppt/revisionInfo.xml"/></Types>`,
		"ppt/revisionInfo.xml", canary, "ppt/changesInfos/changesInfo1.xml", canary,
		"ppt/_rels/presentation.xml.rels", `<Relationships><Relationship Id="a" Type="x" Target="revisionInfo.xml"/><Relationship Id="b" Type="x" Target="changesInfos/changesInfo1.xml"/><Relationship Id="c" Type="x" Target="slides/slide1.xml"/></Relationships>`,
		"ppt/commentAuthors.xml", `<p:cmAuthorLst><p:cmAuthor id="1" name="`+canary+`" initials="`+canary+`"/></p:cmAuthorLst>`,
		"ppt/authors.xml", `<p188:authorLst><p188:author id="{1}" name="`+canary+`" initials="Z" userId="`+canary+`" providerId="AD"/></p188:authorLst>`,
		"ppt/comments/comment1.xml", `<p:cmLst><p:cm authorId="1" dt="2026-01-02T03:04:05"><p:text>Stays.</p:text></p:cm></p:cmLst>`,
		"ppt/slides/slide1.xml", `<p:sld name="stays"/>`,
	))
	found := parts(t, out)
	for name, text := range found {
		if strings.Contains(text, canary) || strings.Contains(text, "2026-01-02") {
			t.Errorf("%s: %s", name, text)
		}
	}
	if want := `<Relationships><Relationship Id="c" Type="x" Target="slides/slide1.xml"/></Relationships>`; found["ppt/_rels/presentation.xml.rels"] != want || found["ppt/slides/slide1.xml"] != `<p:sld name="stays"/>` || len(found) != 6 {
		t.Errorf("%v", found)
	}
}

func TestOpenDocument(t *testing.T) {
	const kind = "application/vnd.oasis.opendocument.text"
	out, report := scrubbed(t, pack(t, "mimetype", kind,
		"meta.xml", `<office:document-meta><dc:creator>`+canary+`</dc:creator></office:document-meta>`,
		"content.xml", `<office:document-content><text:creator>seen</text:creator><office:annotation><dc:creator>`+canary+`</dc:creator><dc:date>2026-01-02T03:04:05</dc:date><meta:creator-initials>`+canary+`</meta:creator-initials><text:p officeooo:rsid="0012ab34">Stays.</text:p></office:annotation></office:document-content>`,
		"settings.xml", `<s><config:config-item config:name="PrinterName">`+canary+`</config:config-item><config:config-item config:name="Rsid">1234</config:config-item><config:config-item config:name="Zoom">100</config:config-item></s>`,
		"Thumbnails/thumbnail.png", canary, "META-INF/documentsignatures.xml", canary,
		"META-INF/manifest.xml", `<manifest:manifest><manifest:file-entry manifest:full-path="/"/><manifest:file-entry manifest:full-path="Thumbnails/thumbnail.png"/><manifest:file-entry manifest:full-path="content.xml"/></manifest:manifest>`,
		"Pictures/1.png", string(fullPNG(t)),
	))
	if string(out[30:38]) != "mimetype" || string(out[38:38+len(kind)]) != kind || out[6]&8 != 0 {
		t.Errorf("the type does not stand at the beginning: %q", out[:90])
	}
	found := parts(t, out)
	for name, text := range found {
		for _, bad := range []string{canary, "0012ab34", "2026-01-02", "1234", " dated "} {
			if strings.Contains(text, bad) {
				t.Errorf("%s holds %s", name, bad)
			}
		}
	}
	if want := `<office:document-content><text:creator>seen</text:creator><office:annotation><dc:creator>Author</dc:creator><dc:date>2000-01-01T00:00:00</dc:date><meta:creator-initials>A</meta:creator-initials><text:p>Stays.</text:p></office:annotation></office:document-content>`; found["content.xml"] != want {
		t.Errorf("content: %s", found["content.xml"])
	}
	if want := `<manifest:manifest><manifest:file-entry manifest:full-path="/"/><manifest:file-entry manifest:full-path="content.xml"/></manifest:manifest>`; found["META-INF/manifest.xml"] != want {
		t.Errorf("manifest: %s", found["META-INF/manifest.xml"])
	}
	if !slices.Contains(report.Removed, "signatures") || len(found) != 6 {
		t.Errorf("removed %q, left %d parts", report.Removed, len(found))
	}
}

func TestBroken(t *testing.T) {
	docx := sampleDOCX(t)
	for about, data := range map[string][]byte{
		"two of one name": pack(t, "[Content_Types].xml", "<a/>", "word/a.xml", "<a/>", "word/a.xml", "<a/>"),
		"no XML":          pack(t, "[Content_Types].xml", "<a/>", "word/a.xml", "<a"),
		"UTF-16":          pack(t, "[Content_Types].xml", "<a/>", "word/a.xml", "\xff\xfe<\x00a\x00/\x00>\x00"),
	} {
		if _, err := Scrub(io.Discard, bytes.NewReader(data), int64(len(data))); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", about, err)
		}
	}
	at := bytes.Index(docx, []byte("word/document.xml")) + 40
	flipped := bytes.Clone(docx)
	flipped[at] ^= 0xff
	if _, err := Scrub(io.Discard, bytes.NewReader(flipped), int64(len(flipped))); !errors.Is(err, ErrDamaged) {
		t.Errorf("a flipped byte: %v", err)
	}
}

func FuzzScrub(f *testing.F) {
	f.Add(fullJPEG(f))
	f.Add(fullPNG(f))
	f.Add(sampleDOCX(f))
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x20Exif\x00\x00II*\x00\x08\x00\x00\x00\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var out bytes.Buffer
		report, err := Scrub(&out, bytes.NewReader(data), int64(len(data)))
		if err != nil {
			if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrUnknown) && !errors.Is(err, ErrCarries) {
				t.Fatal(err)
			}
			return
		}
		if report.Kind == JPEG || report.Kind == PNG {
			again, second := scrubbed(t, out.Bytes())
			if !bytes.Equal(again, out.Bytes()) || len(second.Removed) > 0 && !slices.Equal(second.Removed, []string{"EXIF"}) {
				t.Fatalf("twice is not once: %+v", second)
			}
		}
	})
}

// FuzzEdit holds that a part in which nothing is to change stays as it is, whatever it is.
func FuzzEdit(f *testing.F) {
	f.Add(`<a b="1" c = '2'><d/>x<!-- y --></a>`)
	f.Fuzz(func(t *testing.T, part string) {
		same := rules{attr: func(_ string, a xml.Attr) (string, bool) { return a.Value, true }, drop: func(xml.StartElement) bool { return false }}
		if out, err := edit([]byte(part), same); err == nil && string(out) != part {
			t.Fatalf("%q became %q", part, out)
		}
	})
}
