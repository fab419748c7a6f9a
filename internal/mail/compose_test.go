package mail

import (
	"bytes"
	"flag"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"encoding/base64"
)

var update = flag.Bool("update", false, "write the golden files")

var start = time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC)

const english = `Dear Sample Organisation,

the Bureau has admitted your organisation to the constructive dialogue of 1 July 2026. What you can do next stands here: https://dialogue.example.org/applications/kx7d2fqw9h4m8n3p5r6s7t8u2v – please confirm by 15 June.
.
From here on, a line of one dot and a line that begins with From must arrive as they were written.
`

const arabic = `السادة ممثلي المنظمة النموذجية،

قررت هيئة المكتب قبول مشاركة منظمتكم في الحوار البنّاء الذي يُعقد في 1 يوليو 2026. للاطلاع على الخطوات التالية: https://dialogue.example.org/ar/applications/kx7d2fqw9h4m8n3p5r6s7t8u2v
`

func samples(t *testing.T) map[string]Entry {
	to := address(t, "contact@sample-organisation.example")
	return map[string]Entry{
		"english": {ID: "abcdefghijkmnpqrstuvwxyz23", Created: start, Message: Message{To: to, Name: "Sample Organisation", Lang: "en",
			Subject: "Your application to the dialogue of 1 July 2026 was admitted – please confirm your participation by the fifteenth of June", Text: english}},
		"arabic": {ID: "bbcdefghijkmnpqrstuvwxyz23", Created: start, Message: Message{To: to, Name: "المنظمة النموذجية", Lang: "ar",
			Subject: "قرار بشأن طلبكم المشاركة في الحوار البنّاء حول تهريب المهاجرين، الدورة الثانية لعام ٢٠٢٦", Text: arabic}},
		"bare": {ID: "cbcdefghijkmnpqrstuvwxyz23", Created: start, Message: Message{To: to, Lang: "fr", Subject: "=?utf-8?q?not_encoded?=", Text: "Une ligne"}},
	}
}

func wire(t testing.TB, e Entry) []byte {
	t.Helper()
	m := compose(Server{From: address(t, "dialogue@rostrum.example"), FromName: "Sample Secretariat"}, e)
	var out bytes.Buffer
	if _, err := m.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestWireFormat compares messages with golden files, which show what leaves the house.
func TestWireFormat(t *testing.T) {
	for name, e := range samples(t) {
		got := wire(t, e)
		file := filepath.Join("testdata", name+".eml")
		if *update {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs from %s:\n%s", name, file, got)
		}
	}
}

// read reads a message as a mail program would.
func read(t testing.TB, raw []byte) (mail.Header, string) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var body io.Reader = m.Body
	switch m.Header.Get("Content-Transfer-Encoding") {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	default:
		t.Fatalf("encoding %q", m.Header.Get("Content-Transfer-Encoding"))
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return m.Header, string(text)
}

func TestMessagesArriveAsWritten(t *testing.T) {
	hostname, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for name, e := range samples(t) {
		t.Run(name, func(t *testing.T) {
			raw := wire(t, e)
			for i, line := range strings.Split(string(raw), "\r\n") {
				if len(line) > 78 || strings.ContainsAny(line, "\r\n") || strings.ContainsFunc(line, func(r rune) bool { return r > 126 }) {
					t.Errorf("line %d is longer than 78 or not plain ASCII: %q", i+1, line)
				}
			}
			h, text := read(t, raw)
			if text != canonical(e.Text) {
				t.Errorf("text %q", text)
			}
			subject, err := new(mime.WordDecoder).DecodeHeader(h.Get("Subject"))
			if err != nil || subject != e.Subject && name != "bare" {
				t.Errorf("subject %q, %v", subject, err)
			}
			to, err := h.AddressList("To")
			if err != nil || len(to) != 1 || to[0].Address != e.To.Reveal() || to[0].Name != e.Name {
				t.Errorf("to %v, %v", to, err)
			}
			date, err := h.Date()
			if err != nil || !date.Equal(start) {
				t.Errorf("date %v, %v", date, err)
			}
			for key, want := range map[string]string{
				"From": `"Sample Secretariat" <dialogue@rostrum.example>`, "Message-Id": "<" + e.ID + "@rostrum.example>", "Auto-Submitted": "auto-generated",
				"Content-Language": e.Lang, "Content-Type": "text/plain; charset=UTF-8", "Mime-Version": "1.0",
				"User-Agent": "", "X-Mailer": "", "Return-Path": "", "Disposition-Notification-To": "",
			} {
				if got := h.Get(key); got != want {
					t.Errorf("%s: %q, want %q", key, got, want)
				}
			}
			if strings.Contains(string(raw), hostname) {
				t.Errorf("the name of the machine, %s, leaves the house", hostname)
			}
		})
	}
}

func TestMessageCheck(t *testing.T) {
	good := Message{To: address(t, "a@example.org"), Subject: "Subject", Text: "Text", Lang: "en", Erases: start.Add(time.Hour)}
	tests := []struct {
		name   string
		change func(*Message)
		want   string // empty: accepted
	}{
		{"as it is", func(m *Message) {}, ""},
		{"Arabic with marks of direction", func(m *Message) { m.Subject, m.Name, m.Lang = "\u200fحوار\u200e 1", "منظمة", "ar" }, ""},
		{"a language with a script", func(m *Message) { m.Lang = "zh-Hans" }, ""},
		{"tabs and line ends in the text", func(m *Message) { m.Text = "a\tb\r\nc\rd" }, ""},
		{"no address", func(m *Message) { m.To = Address{} }, "address"},
		{"line feed in the subject", func(m *Message) { m.Subject = "a\nBcc: b@example.org" }, "subject"},
		{"carriage return in the subject", func(m *Message) { m.Subject = "a\rb" }, "subject"},
		{"line separator in the subject", func(m *Message) { m.Subject = "a\u2028b" }, "subject"},
		{"override of direction in the subject", func(m *Message) { m.Subject = "a\u202eb" }, "subject"},
		{"zero byte in the subject", func(m *Message) { m.Subject = "a\x00" }, "subject"},
		{"no subject", func(m *Message) { m.Subject = "" }, "subject"},
		{"subject too long", func(m *Message) { m.Subject = strings.Repeat("ق", 201) }, "subject"},
		{"subject that is not UTF-8", func(m *Message) { m.Subject = "\xff" }, "subject"},
		{"line feed in the name", func(m *Message) { m.Name = "a\nTo: b@example.org" }, "name"},
		{"no text", func(m *Message) { m.Text = "" }, "text"},
		{"text too long", func(m *Message) { m.Text = strings.Repeat("x", maxText+1) }, "text"},
		{"text that is not UTF-8", func(m *Message) { m.Text = "\xff" }, "text"},
		{"zero byte in the text", func(m *Message) { m.Text = "a\x00" }, "text"},
		{"no language", func(m *Message) { m.Lang = "" }, "language"},
		{"a language with a line end", func(m *Message) { m.Lang = "en\r\nBcc: b@example.org" }, "language"},
		{"no erasure date", func(m *Message) { m.Erases = time.Time{} }, "erasure date"},
		{"erasure date today", func(m *Message) { m.Erases = start }, "erasure date"},
	}
	for _, test := range tests {
		m := good
		test.change(&m)
		err := m.check(start)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %v, want an error about %q", test.name, err, test.want)
		}
	}
}

// FuzzCompose holds that no accepted message has other headers than ours, and that every one arrives as written.
func FuzzCompose(f *testing.F) {
	f.Add("Name", "Subject", "Text\n.\nFrom x", "en")
	f.Add("منظمة \" <x>", "حوار, \\ =?utf-8?q?x?=", arabic, "ar")
	f.Add("a b  c", strings.Repeat("long ", 40), "\r\r\n\n", "fr")
	f.Fuzz(func(t *testing.T, name, subject, text, lang string) {
		m := Message{To: address(t, "a@example.org"), Name: name, Subject: subject, Text: text, Lang: lang, Erases: start.Add(time.Hour)}
		if m.check(start) != nil {
			return
		}
		h, got := read(t, wire(t, Entry{Message: m, ID: "id", Created: start}))
		if got != canonical(text) {
			t.Errorf("text %q arrives as %q", text, got)
		}
		if len(h) != 11 {
			t.Errorf("%d headers: %v", len(h), h)
		}
		if to, err := h.AddressList("To"); err != nil || len(to) != 1 || to[0].Address != "a@example.org" {
			t.Errorf("to %v, %v", to, err)
		}
	})
}
