package odt

import (
	"archive/zip"
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const ns = ` xmlns:office="` + office + `" xmlns:text="` + text + `" xmlns:table="` + table + `"`

func document(body string) string {
	return `<?xml version="1.0"?><office:document-content` + ns + `><office:body><office:text>` + body + `</office:text></office:body></office:document-content>`
}

func packed(t testing.TB, content string, more ...string) []byte {
	t.Helper()
	return zipped(t, append([]string{"mimetype", "application/vnd.oasis.opendocument.text", "content.xml", content}, more...)...)
}

func zipped(t testing.TB, files ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		w.Write([]byte(files[i+1]))
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestText(t *testing.T) {
	for name, test := range map[string]struct{ in, want string }{
		"paragraphs, headings and spans": {`<text:h>Title</text:h><text:p>One <text:span>two</text:span>
		three.</text:p><text:p/><text:list><text:list-item><text:p>four</text:p></text:list-item></text:list>`, "Title|One two three.|four"},
		"spaces, tabs, lines":      {`<text:p>a<text:s text:c="3"/>b<text:tab/>c<text:line-break/>d</text:p>`, "a b c\nd"},
		"a footnote":               {`<text:p>Said<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Where.</text:p></text:note-body></text:note> so.</text:p>`, "Said so.|[Where.]"},
		"a table":                  {`<table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell><text:p>b</text:p></table:table-cell></table:table-row></table:table>`, "a|b"},
		"what was deleted, a note": {`<text:tracked-changes><text:changed-region><text:deletion><text:p>gone</text:p></text:deletion></text:changed-region></text:tracked-changes><text:p>kept<office:annotation><text:p>comment</text:p></office:annotation></text:p>`, "kept"},
		"from right to left":       {`<text:p>نص <text:span>عربي</text:span></text:p>`, "نص عربي"},
	} {
		got, err := Text(bytes.NewReader(packed(t, document(test.in))))
		if err != nil || strings.Join(got, "|") != test.want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, test.want)
		}
	}
}

func TestRefusals(t *testing.T) {
	for name, test := range map[string]struct {
		in   []byte
		want Code
	}{
		"no file":          {nil, NotODT},
		"no zip":           {[]byte("words"), NotODT},
		"another document": {packed(t, "", "x", "y")[40:], NotODT},
		"a spreadsheet":    {zipped(t, "mimetype", "application/vnd.oasis.opendocument.spreadsheet", "content.xml", document("")), NotODT},
		"entities":         {packed(t, `<!DOCTYPE x [<!ENTITY a "b">]>`+document("<text:p>&a;</text:p>")), Broken},
		"cut off":          {packed(t, document("")[:100]), Broken},
		"two contents":     {packed(t, document(""), "content.xml", ""), Broken},
		"a password":       {packed(t, document(""), "META-INF/manifest.xml", "<encryption-data/>"), PasswordProtected},
		"a bomb":           {packed(t, document(strings.Repeat(" ", 8<<20))), Bomb},
		"a deep one":       {packed(t, document(strings.Repeat("<text:p>", 300))), TooLarge},
		"a large one":      {make([]byte, MaxBytes+1), TooLarge},
	} {
		var p *Problem
		if _, err := Text(bytes.NewReader(test.in)); !errors.As(err, &p) || p.Code != test.want {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}

// TestLibreOffice reads what LibreOffice writes.
func TestLibreOffice(t *testing.T) {
	soffice, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("soffice is not installed")
	}
	dir := t.TempDir()
	in := filepath.Join(dir, "statement.html")
	html := `<html><head><meta charset="utf-8"></head><body><h1>Statement</h1><p>We ask for <b>data</b>.</p><p dir="rtl">نطلب بيانات.</p><ul><li>first</li></ul></body></html>`
	if err := os.WriteFile(in, []byte(html), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), soffice, "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--headless", "--convert-to", "odt:writer8", "--outdir", dir, in)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	f, err := os.Open(filepath.Join(dir, "statement.odt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := Text(f)
	if want := "Statement|We ask for data.|نطلب بيانات.|first"; err != nil || strings.Join(got, "|") != want {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
}

func FuzzText(f *testing.F) {
	f.Add([]byte(document("<text:p>a<text:s/>b</text:p>")))
	f.Add([]byte(document("<text:p>a<text:note><text:p>b</text:p></text:note></text:p>")))
	f.Fuzz(func(t *testing.T, content []byte) {
		all, err := paragraphs(content)
		var p *Problem
		if err != nil && !errors.As(err, &p) {
			t.Fatalf("an error of another kind: %v", err)
		}
		for _, one := range all {
			if strings.TrimSpace(one) == "" {
				t.Fatal("an empty paragraph")
			}
		}
	})
}
