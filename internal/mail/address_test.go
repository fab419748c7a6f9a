package mail

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"strings"
	"testing"
)

func TestParseAddress(t *testing.T) {
	tests := []struct {
		in   string
		want string // empty: refused
	}{
		{"officer@example.org", "officer@example.org"},
		{"First.Last+dialogue@Mail.Example.ORG", "First.Last+dialogue@mail.example.org"},
		{"o'neil_1/x=y@example.org", "o'neil_1/x=y@example.org"},
		{"a@bücher.example", "a@xn--bcher-kva.example"},
		{"a@مثال.إختبار", "a@xn--mgbh0fb.xn--kgbechtv"},
		{strings.Repeat("a", 64) + "@example.org", strings.Repeat("a", 64) + "@example.org"},
		{"", ""},
		{"officer", ""},
		{"@example.org", ""},
		{"officer@", ""},
		{"officer@localhost", ""},
		{"officer@example.org.", ""},
		{"officer@.example.org", ""},
		{"officer@exa_mple.org", ""},
		{"officer@-example.org", ""},
		{"officer@192.0.2.1", ""},
		{"officer@[192.0.2.1]", ""},
		{".officer@example.org", ""},
		{"of..ficer@example.org", ""},
		{"officer.@example.org", ""},
		{" officer@example.org", ""},
		{"officer @example.org", ""},
		{"Officer <officer@example.org>", ""},
		{"<officer@example.org>", ""},
		{`"of ficer"@example.org`, ""},
		{"a@b.example,c@example.org", ""},
		{"a@b.example>\r\nRCPT TO:<c@example.org", ""},
		{"officer@example.org\r\nBcc: c@example.org", ""},
		{"officer@example.org\n", ""},
		{"officer\x00@example.org", ""},
		{"офицер@example.org", ""},
		{"officer\u202e@example.org", ""},
		{strings.Repeat("a", 65) + "@example.org", ""},
		{"a@" + strings.Repeat("b", 64) + ".org", ""},
		{"a@" + strings.Repeat("b.", 130) + "org", ""},
	}
	for _, test := range tests {
		got, err := ParseAddress(test.in)
		if got.Reveal() != test.want || (err == nil) != (test.want != "") {
			t.Errorf("ParseAddress(%q) = %q, %v; want %q", test.in, got.Reveal(), err, test.want)
		}
		if err != nil && (!errors.Is(err, ErrAddress) || strings.Contains(err.Error(), "officer")) {
			t.Errorf("ParseAddress(%q): error %q", test.in, err)
		}
	}
	if address(t, "a@example.org") != address(t, "a@EXAMPLE.org") {
		t.Error("one address is not equal to itself")
	}
}

func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{"officer@example.org", "a@مثال.إختبار", "a@b\r\n.org", `"a"@b.org`, "a@xn--.org", "A.b+c@d-e.f1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseAddress(s)
		if err != nil {
			if a != (Address{}) {
				t.Fatal("an error with an address")
			}
			return
		}
		text := a.Reveal()
		if strings.ContainsAny(text, "\r\n\x00<>,;: \"") || len(text) > maxAddress {
			t.Fatalf("accepted %q", text)
		}
		if again, err := ParseAddress(text); err != nil || again != a {
			t.Fatalf("%q is read back as %q, %v", text, again.Reveal(), err)
		}
		if header, err := mail.ParseAddress("Name <" + text + ">"); err != nil || header.Address != text {
			t.Fatalf("%q in a header is %v, %v", text, header, err)
		}
	})
}

// TestNothingPrintsAnAddressOrAMessage prints, logs and encodes them in every way that comes to mind.
func TestNothingPrintsAnAddressOrAMessage(t *testing.T) {
	a := address(t, "canary-address@example.org")
	m := Message{To: a, Name: "canary-name", Subject: "canary-subject", Text: "canary-text", Lang: "en"}
	e := Entry{Message: m, ID: "id", State: Queued}
	values := map[string]any{
		"address": a, "address pointer": &a, "addresses": []Address{a}, "map": map[string]Address{"to": a}, "map key": map[Address]int{a: 1},
		"message": m, "message pointer": &m, "messages": []Message{m}, "entry": e, "entry pointer": &e, "page": Page{Entries: []Entry{e}},
		"field":            struct{ To Address }{a},
		"unexported field": struct{ to Address }{a},
		"message field":    struct{ M Message }{m},
		"any":              []any{a, m, e},
		"error":            fmt.Errorf("sending %v to %s: %w", m, a, ErrAddress),
		"filter":           Filter{To: a},
	}
	for name, v := range values {
		var out bytes.Buffer
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		for _, log := range []*slog.Logger{slog.New(slog.NewJSONHandler(&out, nil)), slog.New(slog.NewTextHandler(&out, nil))} {
			log.Info("x", "v", v, slog.Group("g", "v", v))
			log.With("v", v).Info("x")
			log.Info(fmt.Sprint(v))
		}
		json.NewEncoder(&out).Encode(v)
		text := strings.ToLower(out.String())
		for _, hidden := range []string{"canary", fmt.Sprintf("%x", "canary"), "[99 97 110 97 114 121"} {
			if strings.Contains(text, hidden) {
				t.Errorf("%s shows %q:\n%s", name, hidden, out.String())
			}
		}
	}
}

func TestParseServer(t *testing.T) {
	tests := []struct {
		raw, from string
		want      string // of String, security, user; empty: refused
	}{
		{"smtps://user:s3cret@mail.example.org", "a@example.org", "mail.example.org:465 implicit user"},
		{"smtp://user:s3cret@mail.example.org", "Sample <a@example.org>", "mail.example.org:587 starttls user"},
		{"smtp://mail.example.org:2525", "a@example.org", "mail.example.org:2525 starttls "},
		{"smtp://relay?tls=none", "a@example.org", "relay:25 none "},
		{"smtp://user:s3cret@127.0.0.1?tls=none", "a@example.org", "127.0.0.1:25 none user"},
		{"smtp://user:s3cret@relay?tls=none", "a@example.org", ""},
		{"smtp://user:s3cret@relay?tls=never", "a@example.org", ""},
		{"smtps://relay?tls=none", "a@example.org", ""},
		{"https://user:s3cret@relay", "a@example.org", ""},
		{"smtp://user:s3cret@relay:0", "a@example.org", ""},
		{"smtp://user:s3cret@relay:99999", "a@example.org", ""},
		{"smtp://user:s3cret@relay/inbox", "a@example.org", ""},
		{"smtp://user:s3cret@", "a@example.org", ""},
		{"smtp://user:s3cret%zz@relay", "a@example.org", ""},
		{"smtp://relay", "nobody", ""},
		{"smtp://relay", "a@localhost", ""},
	}
	for _, test := range tests {
		s, err := ParseServer(test.raw, test.from)
		got := ""
		if err == nil {
			got = fmt.Sprintf("%s %s %s", s, s.Security, s.User)
		}
		if got != test.want {
			t.Errorf("ParseServer(%q, %q) = %q, %v; want %q", test.raw, test.from, got, err, test.want)
		}
		var out bytes.Buffer
		fmt.Fprintf(&out, "%v %+v %#v %s %v", s, s, s, s, err)
		slog.New(slog.NewTextHandler(&out, nil)).Info("server", "server", s, "pointer", &s)
		if strings.Contains(out.String(), "s3cret") {
			t.Errorf("the password shows: %s", out.String())
		}
	}
}

func TestCodes(t *testing.T) {
	tests := []struct {
		status int
		text   string
		want   string
	}{
		{550, "5.1.1 <a@example.org>: unknown", "550 5.1.1"}, {550, "5.1.1", "550 5.1.1"}, {421, "closing", "421"}, {550, "", "550"}, {550, "5.x a@b", "550"},
	}
	for _, test := range tests {
		if got := codes(test.status, test.text); got != test.want {
			t.Errorf("codes(%d, %q) = %q, want %q", test.status, test.text, got, test.want)
		}
	}
}
