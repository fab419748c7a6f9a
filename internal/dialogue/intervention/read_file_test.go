package intervention

import (
	"archive/zip"
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"rostrum.example/format/docx"
	"rostrum.example/format/pdf"
)

func docxOf(t testing.TB, paragraphs ...string) []byte {
	t.Helper()
	d := &docx.Document{}
	for _, p := range paragraphs {
		d.Blocks = append(d.Blocks, &docx.Paragraph{Runs: []docx.Run{{Text: p}}})
	}
	var b bytes.Buffer
	if err := docx.Write(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zipOf(t testing.TB, files ...Upload) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(f.Body)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const mail = "From: Somebody <somebody@example.org>\r\nSubject: Statement\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" +
	"--x\r\nContent-Type: text/plain\r\n\r\nSee attached.\r\n--x\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename=\"../figures.csv\"\r\n\r\na,b\r\n1,2\r\n--x--\r\n"

func TestReadFiles(t *testing.T) {
	word := docxOf(t, "From a document.", "", "Its second paragraph.")
	found, failed := ReadFiles(t.Context(), []Upload{
		{"statement.docx", word},
		{"plain.txt", []byte("\ufeffOne.\r\n\r\nTwo\u202e hidden.")},
		{"latin.txt", []byte("caf\xe9")},
		{"folder.zip", zipOf(t, Upload{"a/b/inner.docx", word}, Upload{"a/.DS_Store", []byte("x")}, Upload{"__MACOSX/a", []byte("x")}, Upload{"a/picture.png", []byte("\x89PNG")}, Upload{"nested.zip", zipOf(t, Upload{"deep.txt", []byte("deep")})})},
		{"letter.eml", []byte(mail)},
		{"empty.txt", []byte("  \n ")},
		{"liar.docx", []byte("no zip")},
		{"old.doc", append([]byte{0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1}, make([]byte, 600)...)},
		{"broken.zip", []byte("PK")},
	})
	var got []string
	for _, f := range found {
		got = append(got, f.Source+": "+strings.Join(f.Paragraphs, " / "))
	}
	want := []string{"statement.docx: From a document. / Its second paragraph.", "plain.txt: One. / Two hidden.", "inner.docx: From a document. / Its second paragraph.", "Statement: See attached."}
	if !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
	if last := found[len(found)-1]; last.Address != "somebody@example.org" || len(last.Files) != 1 || CleanName(last.Files[0].Name) != "figures.csv" {
		t.Errorf("the message: %+v", last)
	}
	got = nil
	for _, f := range failed {
		got = append(got, f.Source+" "+strings.TrimPrefix(f.Key, "intervention.read."))
	}
	want = []string{"latin.txt encoding", "picture.png kind", "nested.zip kind", "empty.txt empty", "liar.docx broken", "old.doc broken", "broken.zip broken"}
	if !slices.Equal(got, want) {
		t.Errorf("failed %q, want %q", got, want)
	}
}

// Too many or too large members end the reading; what was read before stays.
func TestReadFilesIsBounded(t *testing.T) {
	var many []Upload
	for range maxMembers + 20 {
		many = append(many, Upload{"x.txt", []byte("Words.")})
	}
	found, failed := ReadFiles(t.Context(), []Upload{{"many.zip", zipOf(t, many...)}})
	if len(found) != maxMembers || len(failed) != 1 || failed[0].Key != "intervention.read.many" {
		t.Errorf("%d found, failed %+v", len(found), failed)
	}
	bomb := zipOf(t, Upload{"bomb.txt", bytes.Repeat([]byte("a"), MaxFile+10)})
	if found, failed := ReadFiles(t.Context(), []Upload{{"bomb.zip", bomb}}); len(found) != 0 || len(failed) != 1 || failed[0].Key != "intervention.read.many" {
		t.Errorf("the bomb: %d found, failed %+v", len(found), failed)
	}
	ended, stop := context.WithCancel(t.Context())
	stop()
	if _, failed := ReadFiles(ended, []Upload{{"x.txt", []byte("Words.")}}); len(failed) != 1 || failed[0].Key != "intervention.read.time" {
		t.Errorf("after the time: %+v", failed)
	}
}

func TestDoubts(t *testing.T) {
	if got := doubts([]string{"Whole sentence.", "cut in the", "middle of it.", "Odd \ufffd letter."}, true); !slices.Equal(got, []int{1, 3}) {
		t.Errorf("doubts at %v", got)
	}
	if got := everywhere([]int{0}, 3, true); !slices.Equal(got, []int{0, 1, 2}) {
		t.Errorf("everywhere is %v", got)
	}
	if pdf.Available() {
		if _, failed := ReadFiles(t.Context(), []Upload{{"x.pdf", []byte("%PDF-1.4\nnothing")}}); len(failed) != 1 || failed[0].Key != "intervention.read.broken" {
			t.Errorf("a damaged PDF: %+v", failed)
		}
	}
}

func FuzzReadAuthorship(f *testing.F) {
	a := Authorship{fileFormat, origin, "abcdefghijkmnpqrstuvwxyz23", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", `{"format":"rostrum-authorship/1","input":"x","digest":"","author":"","nonce":""}`}
	f.Add(a.Bytes())
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := ReadAuthorship(b)
		if err != nil {
			return
		}
		again, err := ReadAuthorship(a.Bytes())
		if err != nil || *again != *a {
			t.Fatalf("%q is read once as %+v and again as %+v, %v", b, a, again, err)
		}
	})
}

func FuzzParagraphs(f *testing.F) {
	f.Add("One.\r\n\r\nTwo")
	f.Fuzz(func(t *testing.T, s string) {
		all := Paragraphs(s)
		if again := Paragraphs(typed(all)); !slices.Equal(again, all) && len(all) > 1 {
			t.Fatalf("%q becomes %q", all, again)
		}
		for _, p := range tidy(all) {
			if strings.ContainsAny(p, "\n\r\t\u202e") || p == "" {
				t.Fatalf("not tidy: %q", p)
			}
		}
	})
}

func TestResemblance(t *testing.T) {
	text := strings.Repeat("People in transit need lawyers, interpreters and doctors, and they need them early. ", 3)
	other := strings.Repeat("Quite another matter: how payments move, and who keeps the books of a network. ", 3)
	half := text[:len(text)/2] + other[:len(other)/2]
	for _, c := range []struct {
		a, b     string
		from, to float64
	}{{text, text, 1, 1}, {text, strings.ToUpper(text) + " Thank you.", 0.8, 1}, {text, other, 0, 0.1}, {text, half, 0.1, 0.69}, {"", text, 0, 0}, {"", "", 0, 0}} {
		if r := resemblance(sketch([]string{c.a}), sketch([]string{c.b})); r < c.from || r > c.to {
			t.Errorf("resemblance of %.20q and %.20q is %.2f, not between %.2f and %.2f", c.a, c.b, r, c.from, c.to)
		}
	}
}
