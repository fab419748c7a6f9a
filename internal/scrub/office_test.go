package scrub

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// letter is a flat OpenDocument text with an author, a tracked change and a comment.
const letter = `<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0" office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.text">
<office:meta><meta:initial-creator>` + canary + `</meta:initial-creator><dc:creator>` + canary + `</dc:creator><meta:creation-date>2019-01-02T03:04:05</meta:creation-date><meta:user-defined meta:name="Company">` + canary + `</meta:user-defined></office:meta>
<office:body><office:text>
<text:tracked-changes><text:changed-region text:id="c1"><text:insertion><office:change-info><dc:creator>` + canary + `</dc:creator><dc:date>2019-01-02T03:04:05</dc:date></office:change-info></text:insertion></text:changed-region></text:tracked-changes>
<text:p>A letter that <text:change-start text:change-id="c1"/>stays<text:change-end text:change-id="c1"/> as it is.<office:annotation><dc:creator>` + canary + `</dc:creator><dc:date>2019-01-02T03:04:05</dc:date><text:p>A remark.</text:p></office:annotation></text:p>
</office:text></office:body></office:document>`

// TestRealDocuments scrubs what LibreOffice writes, and has LibreOffice read it again.
func TestRealDocuments(t *testing.T) {
	program, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice (soffice) is not installed")
	}
	dir := t.TempDir()
	convert := func(in, kind string) string {
		t.Helper()
		cmd := exec.Command(program, "-env:UserInstallation=file://"+dir+"/profile", "--headless", "--convert-to", kind, "--outdir", dir, in)
		cmd.Env = append(os.Environ(), "HOME="+dir)
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("soffice: %v\n%s", err, said)
		}
		return strings.TrimSuffix(in, filepath.Ext(in)) + "." + kind
	}
	source := filepath.Join(dir, "letter.fodt")
	if err := os.WriteFile(source, []byte(letter), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"docx", "odt"} {
		data, err := os.ReadFile(convert(source, kind))
		if err != nil {
			t.Fatal(err)
		}
		before := ""
		for _, text := range parts(t, data) {
			before += text
		}
		if strings.Count(before, canary) < 4 || !strings.Contains(before, "2019-01-02") {
			t.Fatalf("the %s file does not name its maker; the test looks at nothing", kind)
		}
		out, _ := scrubbed(t, data)
		found := parts(t, out)
		for name, text := range found {
			if strings.Contains(text, canary) || strings.Contains(text, "2019-01-02") || strings.Contains(text, " dated ") {
				t.Errorf("%s: %s names the maker", kind, name)
			}
		}
		clean := filepath.Join(dir, "clean-"+kind+"."+kind)
		if err := os.WriteFile(clean, out, 0o600); err != nil {
			t.Fatal(err)
		}
		flat, err := os.ReadFile(convert(clean, "fodt"))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(flat, []byte("A letter that ")) || !bytes.Contains(flat, []byte(" as it is.")) {
			t.Errorf("%s: the text is gone", kind)
		}
		if !bytes.Contains(flat, []byte("A remark.")) || !bytes.Contains(flat, []byte("tracked-changes")) || bytes.Contains(flat, []byte(canary)) {
			t.Errorf("%s: the comment or the tracked change is gone", kind)
		}
	}
}
