package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// drawn makes a PDF of one page that shows lines in Helvetica, each at its height.
func drawn(lines map[int]string) []byte { return drawnOn(1, lines) }

// drawnOn shows the same page several times.
func drawnOn(pages int, lines map[int]string) []byte {
	var content strings.Builder
	content.WriteString("BT /F1 12 Tf\n")
	for y, text := range lines {
		fmt.Fprintf(&content, "1 0 0 1 72 %d Tm (%s) Tj\n", y, text)
	}
	content.WriteString("ET")
	var out bytes.Buffer
	var offsets []int
	out.WriteString("%PDF-1.4\n")
	var kids strings.Builder
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>", "",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", content.Len(), content.String()),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
	}
	for range pages {
		objects = append(objects, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 3 0 R /Resources << /Font << /F1 4 0 R >> >> >>")
		fmt.Fprintf(&kids, "%d 0 R ", len(objects))
	}
	objects[1] = fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d >>", kids.String(), pages)
	for i, object := range objects {
		offsets = append(offsets, out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	at := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, o := range offsets {
		fmt.Fprintf(&out, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&out, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, at)
	return out.Bytes()
}

// reader skips a test where PDFs cannot be read.
func reader(t testing.TB) {
	t.Helper()
	if !Available() {
		t.Skip("pdftotext is not installed")
	}
}

func TestRead(t *testing.T) {
	reader(t)
	got, err := Read(t.Context(), bytes.NewReader(drawn(map[int]string{
		760: "Thank you, Chair. We ask for data on push factors, and for pro-", 746: "grammes that are evaluated by people who took part in them.",
		710: "A second paragraph.", 696: "A third one after a short line.",
	})))
	want := "Thank you, Chair. We ask for data on push factors, and for programmes that are evaluated by people who took part in them.|A second paragraph.|A third one after a short line."
	if err != nil || strings.Join(got.Paragraphs, "|") != want || got.Pages != 1 || got.Doubtful {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestLogical(t *testing.T) {
	for seen, want := range map[string]string{
		".2027 ماع يف تانايب بلطن": "نطلب بيانات في عام 2027.",
		"ﻲﻓ ﻊﻓﺪﻟا":                 "الدفع في",
		"(UNODC) ةمظنملا":          "المنظمة (UNODC)",
		"plain words, 2027 (so)":   "plain words, 2027 (so)",
		"Русский текст":            "Русский текст",
	} {
		if got := logical(seen); got != want {
			t.Errorf("logical(%q) = %q, want %q", seen, got, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	reader(t)
	whole := drawn(map[int]string{700: "words"})
	for name, test := range map[string]struct {
		in   []byte
		want Code
	}{
		"no file":          {nil, NotPDF},
		"a letter":         {[]byte("Dear Sir"), NotPDF},
		"only the head":    {whole[:40], Broken},
		"no page tree":     {bytes.Replace(whole, []byte("/Pages 2 0 R"), []byte("/Pages 9 0 R"), 1), Broken},
		"nothing drawn":    {drawn(nil), NoText},
		"a page in a loop": {bytes.Replace(whole, []byte("/Kids [5 0 R ]"), []byte("/Kids [2 0 R ]"), 1), NoText},
		"too large":        {make([]byte, MaxBytes+1), TooLarge},
		"too many pages":   {drawnOn(MaxPages+1, map[int]string{700: "words"}), TooLarge},
	} {
		var p *Problem
		if _, err := Read(t.Context(), bytes.NewReader(test.in)); !errors.As(err, &p) || p.Code != test.want {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}

// TestLibreOffice reads what LibreOffice writes, in three scripts.
func TestLibreOffice(t *testing.T) {
	reader(t)
	soffice, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("soffice is not installed")
	}
	dir := t.TempDir()
	run := func(to, in string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), soffice, "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--headless", "--convert-to", to, "--outdir", dir, filepath.Join(dir, in))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	style := `<office:automatic-styles><style:style style:name="R" style:family="paragraph"><style:paragraph-properties style:writing-mode="rl-tb" fo:text-align="start"/></style:style></office:automatic-styles>`
	flat := `<?xml version="1.0" encoding="UTF-8"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.text">` + style +
		`<office:body><office:text><text:p>We ask for data and evidence — “now”. Élan façade naïve, and a line that is long enough to be broken by the width of the page that it is printed on.</text:p><text:p text:style-name="R">نطلب بيانات وأدلة عن عوامل الدفع في عام 2027.</text:p><text:p>Русский текст.</text:p></office:text></office:body></office:document>`
	if err := os.WriteFile(filepath.Join(dir, "statement.fodt"), []byte(flat), 0o600); err != nil {
		t.Fatal(err)
	}
	run("pdf", "statement.fodt")
	f, err := os.Open(filepath.Join(dir, "statement.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := Read(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	want := "We ask for data and evidence — “now”. Élan façade naïve, and a line that is long enough to be broken by the width of the page that it is printed on.|نطلب بيانات وأدلة عن عوامل الدفع في عام 2027.|Русский текст."
	if strings.Join(got.Paragraphs, "|") != want {
		t.Errorf("got %q", got.Paragraphs)
	}
}

func FuzzTake(f *testing.F) {
	f.Add([]byte(`<html><body><doc><page><flow><block><line><word xMin="1" xMax="2" yMin="1" yMax="2">a</word></line></block></flow></page></doc></body></html>`))
	f.Fuzz(func(t *testing.T, in []byte) {
		text, err := take(in)
		var p *Problem
		if err != nil && !errors.As(err, &p) {
			t.Fatalf("an error of another kind: %v", err)
		}
		if err == nil && len(text.Paragraphs) == 0 {
			t.Fatal("no words and no error")
		}
	})
}
