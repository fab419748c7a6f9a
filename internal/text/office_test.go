package text

import (
	"bytes"
	"context"

	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"rostrum.example/format/docx"
)

// office is a LibreOffice with a profile of its own, in which somebody called Sample Reviewer works.
type office struct {
	t             *testing.T
	program, home string
}

func startOffice(t *testing.T) *office {
	t.Helper()
	if testing.Short() {
		t.Skip("LibreOffice takes seconds")
	}
	program, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice (soffice) is not installed: what comes back from it is not checked")
	}
	o := &office{t, program, t.TempDir()}
	o.run("--terminate_after_init") // makes the profile
	settings := filepath.Join(o.home, "user", "registrymodifications.xcu")
	text, err := os.ReadFile(settings)
	if err != nil {
		t.Skip("LibreOffice does not make a profile here: ", err)
	}
	name := `<item oor:path="/org.openoffice.UserProfile/Data"><prop oor:name="givenname" oor:op="fuse"><value>Sample</value></prop></item>` +
		`<item oor:path="/org.openoffice.UserProfile/Data"><prop oor:name="sn" oor:op="fuse"><value>Reviewer</value></prop></item></oor:items>`
	o.write(settings, strings.Replace(string(text), "</oor:items>", name, 1))
	return o
}

func (o *office) write(path, text string) {
	o.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		o.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) run(args ...string) {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, o.program, append([]string{"-env:UserInstallation=file://" + filepath.ToSlash(o.home), "--headless", "--norestore", "--nologo"}, args...)...)
	cmd.Env = append(os.Environ(), "HOME="+o.home)
	if said, err := cmd.CombinedOutput(); err != nil {
		o.t.Fatalf("LibreOffice: %v\n%.300s", err, said)
	}
}

// edit has a macro work on a file and gives the file that LibreOffice saves.
func (o *office) edit(d *docx.Document, macro string) *docx.Document {
	o.t.Helper()
	folder := o.t.TempDir()
	var b bytes.Buffer
	if err := docx.Write(&b, d); err != nil {
		o.t.Fatal(err)
	}
	in, out := filepath.Join(folder, "in.docx"), filepath.Join(folder, "out.docx")
	o.write(in, b.String())
	basic := filepath.Join(o.home, "user", "basic", "Standard")
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	o.write(filepath.Join(basic, "script.xlb"), `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">
<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard" library:readonly="false" library:passwordprotected="false"><library:element library:name="Edit"/></library:library>`)
	o.write(filepath.Join(basic, "Edit.xba"), `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Edit" script:language="StarBasic">`+escape.Replace(basicFrame+macro)+`</script:module>`)
	o.run(fmt.Sprintf(`macro:///Standard.Edit.Run("file://%s","file://%s")`, filepath.ToSlash(in), filepath.ToSlash(out)))
	data, err := os.ReadFile(out)
	if err != nil {
		o.t.Fatal("the macro did not save: ", err)
	}
	back, err := docx.Read(bytes.NewReader(data))
	if err != nil {
		o.t.Fatal(err)
	}
	return back
}

// basicFrame opens the file, lets the macro's Work do its work and saves.
const basicFrame = `
Sub Run(source As String, target As String)
  Dim hidden(0) As New com.sun.star.beans.PropertyValue
  hidden(0).Name = "Hidden" : hidden(0).Value = True
  doc = StarDesktop.loadComponentFromURL(source, "_blank", 0, hidden())
  doc.lockControllers() ' an installation without a screen has no windows for comments
  Work(doc)
  Dim filtered(0) As New com.sun.star.beans.PropertyValue
  filtered(0).Name = "FilterName" : filtered(0).Value = "MS Word 2007 XML"
  doc.storeToURL(target, filtered())
  doc.close(True)
End Sub

Function FindWords(doc, words As String)
  d = doc.createSearchDescriptor()
  d.SearchString = words
  FindWords = doc.findFirst(d)
End Function

Sub ChangeWords(doc, words As String, other As String)
  c = doc.Text.createTextCursorByRange(FindWords(doc, words))
  c.String = other
End Sub
`

// TestLibreOffice has a person edit the sample in LibreOffice.
func TestLibreOffice(t *testing.T) {
	o := startOffice(t)
	dates := regexp.MustCompile(`(Sample Reviewer), \d+`)
	for _, c := range []struct{ name, macro, want string }{
		{"opened and saved", `
Sub Work(doc)
End Sub`, ""},
		{"words changed with tracking, a comment", `
Sub Work(doc)
  doc.RecordChanges = True
  ChangeWords(doc, "asked", "called")
  ChangeWords(doc, "Programmes", "All programmes")
  ChangeWords(doc, "Data and evidence", "Data")
  note = doc.createInstance("com.sun.star.text.textfield.Annotation")
  note.Author = "Sample Reviewer"
  note.Content = "Who counts?"
  at = FindWords(doc, "what was")
  doc.Text.insertTextContent(at, note, True)
End Sub`, `change s1 en Data[- and evidence-] by Sample Reviewer
change b2 en Speakers [-asked-]{+called+} for comparable data on routes and on harm. by Sample Reviewer
change b3 en [-Programmes-]{+All programmes+} should be evaluated. by Sample Reviewer
comment "Who counts?" on b1 "what was" by Sample Reviewer`},
		{"words changed without", `
Sub Work(doc)
  doc.RecordChanges = False
  ChangeWords(doc, "invited", "urged")
End Sub`, `change b4 en States are [-invited-]{+urged+} to protect those who report. by nobody`},
		{"a paragraph deleted and one typed, with tracking", `
Sub Work(doc)
  doc.RecordChanges = True
  c = doc.Text.createTextCursorByRange(FindWords(doc, "This sample"))
  c.gotoStartOfParagraph(False)
  c.gotoEndOfParagraph(True)
  c.String = ""
  c = doc.Text.createTextCursorByRange(FindWords(doc, "who report."))
  c.gotoEndOfParagraph(False)
  doc.Text.insertControlCharacter(c, com.sun.star.text.ControlCharacter.PARAGRAPH_BREAK, False)
  doc.Text.insertString(c, "Staff need protection too.", False)
End Sub`, `add point s2 "Staff need protection too." behind b4 by Sample Reviewer
remove b1 by Sample Reviewer`},
		{"a paragraph deleted and one typed, without", `
Sub Work(doc)
  doc.RecordChanges = False
  c = doc.Text.createTextCursorByRange(FindWords(doc, "This sample"))
  c.gotoStartOfParagraph(False)
  c.gotoNextParagraph(True)
  c.String = ""
  c = doc.Text.createTextCursorByRange(FindWords(doc, "who report."))
  c.gotoEndOfParagraph(False)
  doc.Text.insertControlCharacter(c, com.sun.star.text.ControlCharacter.PARAGRAPH_BREAK, False)
  doc.Text.insertString(c, "Staff need protection too.", False)
End Sub`, `add point s2 "Staff need protection too." behind b4 by nobody
remove b1 by nobody`},
		{"a note deleted with tracking, one without", `
Sub Work(doc)
  doc.RecordChanges = True
  c = doc.Text.createTextCursorByRange(doc.Footnotes.getByIndex(0).Anchor)
  c.String = ""
  doc.RecordChanges = False
  c = doc.Text.createTextCursorByRange(doc.Footnotes.getByIndex(2).Anchor)
  c.String = ""
End Sub`, `uncite b2 c1 by Sample Reviewer
uncite b3 c3 by nobody`},
		{"a quotation changed, a note added", `
Sub Work(doc)
  doc.RecordChanges = False
  n = doc.Footnotes.getByIndex(2)
  n.String = "Something else."
  more = doc.createInstance("com.sun.star.text.Footnote")
  c = doc.Text.createTextCursorByRange(FindWords(doc, "what was said."))
  c.collapseToEnd()
  doc.Text.insertTextContent(c, more, False)
  more.String = "See my paper."
End Sub`, `footnote_added b1 "See my paper."
footnote_changed b3 c3 "Something else."`},
		{"a paragraph divided", `
Sub Work(doc)
  doc.RecordChanges = False
  c = doc.Text.createTextCursorByRange(FindWords(doc, " what was said."))
  c.String = ""
  doc.Text.insertControlCharacter(c, com.sun.star.text.ControlCharacter.PARAGRAPH_BREAK, False)
  doc.Text.insertString(c, "what was said.", False)
End Sub`, "change b1 en This sample lists[- -]{+\n+}what was said. by nobody"},
		{"two paragraphs joined", `
Sub Work(doc)
  doc.RecordChanges = False
  c = doc.Text.createTextCursorByRange(FindWords(doc, "what was said."))
  c.collapseToEnd()
  c.gotoNextParagraph(True)
  c.String = ""
  doc.Text.insertString(c, " ", False)
End Sub`, `blocks_joined b2 "Speakers asked for comparable data on routes and on harm."`},
	} {
		back := o.edit(sampleExport().File, c.macro)
		r, err := sampleExport().TakeBack(back)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := dates.ReplaceAllString(reported(r), "$1"); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
			for p := range back.Paragraphs() {
				t.Logf("%q %v %v %v", p.Text(docx.Marked), p.Anchors, p.Inserted, p.Deleted)
			}
		}
	}
}
