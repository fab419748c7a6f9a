package message

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

const head = "From: =?utf-8?q?Sample_=C3=89quipe?= <team@sample.example>\r\nDate: Mon, 23 Nov 2026 15:20:00 +0100\r\nMessage-ID: <a1@sample.example>\r\nSubject: =?utf-8?b?2YXYr9iu2YTYqQ==?= input\r\n"

func TestRead(t *testing.T) {
	for name, test := range map[string]struct {
		in, text, files, problems string
	}{
		"plain text": {head + "\r\nDear Chair,\r\nhere is our input.\r\n", "Dear Chair,\nhere is our input.", "", ""},
		"quoted-printable in Latin-1": {head + "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nUn r=E9seau=\r\n s=FBr\r\n",
			"Un réseau sûr", "", ""},
		"flowed": {head + "Content-Type: text/plain; format=flowed\r\n\r\nOne long \r\nparagraph.\r\n\r\n From a second.\r\n", "One long paragraph.\n\nFrom a second.", "", ""},
		"HTML alone": {head + "Content-Type: text/html; charset=utf-8\r\n\r\n<html><head><style>p{}</style><title>t</title></head><body><p>We <b>ask</b>\r\nthree things:</p><ul><li>one<li>two</ul><script>x()</script><a href=\"https://sample.example/a\">our page</a></body>",
			"We ask three things:\n\none\ntwo\n\nour page [https://sample.example/a]", "", ""},
		"both, with a file": {head + "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: multipart/alternative; boundary=y\r\n\r\n--y\r\nContent-Type: text/plain\r\n\r\nwords\r\n--y\r\nContent-Type: text/html\r\n\r\n<p>words</p>\r\n--y--\r\n--x\r\nContent-Type: application/pdf; name=\"../../statement.pdf\"\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--x--\r\n",
			"words", "statement.pdf application/pdf 4", ""},
		"a logo in the signature":             {head + "Content-Type: multipart/related; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n<p>words</p>\r\n--x\r\nContent-Type: image/png; name=logo.png\r\nContent-Id: <logo>\r\n\r\nPNG\r\n--x--\r\n", "words", "", ""},
		"a file named in the way of RFC 2231": {head + "Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: attachment; filename*=utf-8''%D8%A8%D9%8A%D8%A7%D9%86.txt\r\n\r\nx", "", "بيان.txt text/plain 1", ""},
		"encrypted":                           {head + "Content-Type: multipart/encrypted; boundary=x\r\n\r\n--x--\r\n", "", "", "encrypted"},
		"an unknown charset":                  {head + "Content-Type: text/plain; charset=klingon\r\n\r\nnuqneH", "", "", "bad_charset"},
		"cut off":                             {head + "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nwor", "wor", "", "bad_part 1"},
		"no boundary":                         {head + "Content-Type: multipart/mixed\r\n\r\nx", "", "", "bad_part"},
		"nested without end":                  {head + nested(20), "", "", "bad_part 1.1.1.1.1.1.1.1"},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := Read(strings.NewReader(test.in))
			if err != nil {
				t.Fatal(err)
			}
			if m.Name != "Sample Équipe" || m.Address != "team@sample.example" || m.ID != "a1@sample.example" || m.Subject != "مدخلة input" || m.Date.IsZero() {
				t.Errorf("the headers are %q %q %q %q %s", m.Name, m.Address, m.ID, m.Subject, m.Date)
			}
			var files, problems []string
			for _, f := range m.Files {
				files = append(files, fmt.Sprintf("%s %s %d", f.Name, f.Type, len(f.Body)))
			}
			for _, p := range m.Problems {
				problems = append(problems, strings.TrimSpace(string(p.Code)+" "+p.Part))
			}
			if m.Text != test.text || strings.Join(files, ", ") != test.files || strings.Join(problems, ", ") != test.problems {
				t.Errorf("text %q\nfiles %q\nproblems %q", m.Text, files, problems)
			}
		})
	}
}

func nested(depth int) string {
	var in strings.Builder
	for i := range depth {
		fmt.Fprintf(&in, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	return in.String()
}

func TestRefusals(t *testing.T) {
	for name, test := range map[string]struct {
		in   string
		want Code
	}{
		"no message":  {"just words", NoMessage},
		"empty":       {"", NoMessage},
		"no sender":   {"Date: Mon, 23 Nov 2026 15:20:00 +0100\r\n\r\nx", NoSender},
		"nobody":      {"From: undisclosed:;\r\n\r\nx", NoSender},
		"a long file": {head + "\r\n" + strings.Repeat("x", MaxBytes), TooLarge},
	} {
		var p *Problem
		if _, err := Read(strings.NewReader(test.in)); !errors.As(err, &p) || p.Code != test.want {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}

func TestMailbox(t *testing.T) {
	box := "From team@sample.example Mon Nov 23 15:20:00 2026\n" + strings.ReplaceAll(head, "\r", "") + "\nfirst\n\n>From the start\n>>From twice\nFrom here on no new message\n\nFrom - Mon Nov 23 15:21:00 2026\nbroken\n\nFrom x Mon Nov 23 15:22:00 2026\n" + strings.ReplaceAll(head, "\r", "") + "\nthird\n"
	var got []string
	for m, err := range Mailbox(strings.NewReader(box)) {
		if err != nil {
			got = append(got, err.Error())
			continue
		}
		got = append(got, m.Text)
	}
	want := []string{"first\n\nFrom the start\n>From twice\nFrom here on no new message", "reading a message: no_message", "third"}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got %q", got)
	}
	for _, err := range Mailbox(strings.NewReader("no mailbox\n")) {
		if err == nil {
			t.Error("a text is read as a mailbox")
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(head + "\r\nwords")
	f.Add(head + "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n<a href=https://x>y</a>\r\n--x--\r\n")
	f.Fuzz(func(t *testing.T, in string) {
		m, err := Read(strings.NewReader(in))
		if err != nil {
			var p *Problem
			if !errors.As(err, &p) {
				t.Fatalf("an error of another kind: %v", err)
			}
			return
		}
		for _, file := range m.Files {
			if strings.ContainsAny(file.Name, "/\\\n") {
				t.Fatalf("a file is named %q", file.Name)
			}
		}
	})
}
