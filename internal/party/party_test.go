package party

import (
	"bytes"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"testing"
	"unicode/utf8"

	"rostrum.example/internal/page"
	"rostrum.example/internal/secret"
)

func TestParseEmail(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"person@example.org", "person@example.org"},
		{"  person@example.org\n", "person@example.org"},
		{"First.Last+tag@Example.ORG", "First.Last+tag@example.org"},
		{"o'neil@example.org", "o'neil@example.org"},
		{"person@bücher.example", "person@xn--bcher-kva.example"},
		{"person@موقع.example", "person@xn--4gbrim.example"},
		{strings.Repeat("a", 64) + "@example.org", strings.Repeat("a", 64) + "@example.org"},
	} {
		got, err := ParseEmail(test.in)
		if err != nil || string(got) != test.want {
			t.Errorf("ParseEmail(%q) = %q, %v; want %q", test.in, string(got), err, test.want)
		}
	}
	for _, in := range []string{
		"", "   ", "person", "@example.org", "person@", "person@localhost", "person@192.0.2.1", "person@[192.0.2.1]",
		"a b@example.org", "\"a b\"@example.org", "a@b@example.org", "Name <person@example.org>", "person@example.org, other@example.org",
		"person@example..org", ".person@example.org", "person.@example.org", "per..son@example.org", "person@-example.org", "person@example.org.",
		"person@exa mple.org", "person@example.org\r\nBcc: other@example.org", "per\u202eson@example.org", "per\x00son@example.org",
		"pérson@example.org", "person@exam_ple.org", strings.Repeat("a", 65) + "@example.org", "a@" + strings.Repeat("b", 64) + ".org",
		"a@" + strings.Repeat("b.", 130) + "org", "person@\xff.org",
	} {
		if got, err := ParseEmail(in); err == nil {
			t.Errorf("ParseEmail(%q) = %q, want an error", in, string(got))
		}
	}
	if a, b := Email("A@example.org"), Email("a@example.org"); a.Key() != b.Key() {
		t.Error("two spellings of one mailbox have different keys")
	}
}

func FuzzParseEmail(f *testing.F) {
	for _, s := range []string{"person@example.org", "a@b@c.d", "person@bücher.example", "\"x\"@y.z", "a@xn--", "a@b.c\r\nX: y", "\u202ea@b.c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, err := ParseEmail(s)
		if err != nil {
			var fields page.Invalids
			if !errors.As(err, &fields) || fields[0].Field != "email" {
				t.Fatalf("ParseEmail(%q) fails with %v", s, err)
			}
			return
		}
		if again, err := ParseEmail(string(e)); err != nil || again != e {
			t.Fatalf("%q was accepted and is read again as %q, %v", string(e), string(again), err)
		}
		if !page.Clean(string(e)) || strings.ContainsAny(string(e), " <>,;\"\\") {
			t.Fatalf("%q was accepted", string(e))
		}
		if a, err := mail.ParseAddress((&mail.Address{Address: string(e)}).String()); err != nil || a.Address != string(e) {
			t.Fatalf("%q cannot be written into a message: %v", string(e), err)
		}
	})
}

func TestParseName(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"Sample Person", "Sample Person"},
		{"  Sample \u00a0 Person ", "Sample Person"},
		{"Jose\u0301 Sample", "José Sample"},
		{"شخص نموذجي", "شخص نموذجي"},
		{"می\u200cخواهم", "می\u200cخواهم"}, // a zero-width non-joiner is spelling in Persian
		{"样本", "样本"},
		{strings.Repeat("ж", maxName), strings.Repeat("ж", maxName)},
	} {
		if got, err := ParseName(test.in); err != nil || got != test.want {
			t.Errorf("ParseName(%q) = %q, %v; want %q", test.in, got, err, test.want)
		}
	}
	for _, test := range []struct{ in, key string }{
		{"", "party.name.missing"},
		{" \u3000 ", "party.name.missing"},
		{"\u200b\u200d", "party.name.missing"},
		{"Sample \u202eniosreP", "party.words.unreadable"},
		{"Sample \u2066Person\u2069", "party.words.unreadable"},
		{"Sample\r\nBcc: x", "party.words.unreadable"},
		{"Sample\x00", "party.words.unreadable"},
		{"Sample \xff", "party.words.unreadable"},
		{strings.Repeat("ж", maxName+1), "party.words.long"},
	} {
		var fields page.Invalids
		if _, err := ParseName(test.in); !errors.As(err, &fields) || fields[0].Key != test.key || fields[0].Field != "name" {
			t.Errorf("ParseName(%q) fails with %v, want %s", test.in, err, test.key)
		}
	}
}

func FuzzParseName(f *testing.F) {
	for _, s := range []string{"Sample Person", "شخص", "a\u202eb", " \u200b ", "\xff", "e\u0301"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, err := ParseName(s)
		if err != nil {
			return
		}
		if again, err := ParseName(name); err != nil || again != name {
			t.Fatalf("%q was accepted and is read again as %q, %v", name, again, err)
		}
		if !page.Clean(name) || utf8.RuneCountInString(name) > maxName || !readable(name) {
			t.Fatalf("%q was accepted", name)
		}
	})
}

func FuzzLocalPath(f *testing.F) {
	for _, s := range []string{"/account", "//evil.example", `/\evil.example`, "/a?b=c", "https://evil.example/", "/%2f%2fevil.example", "/a#b", "javascript:alert(1)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p := localPath(s)
		if p == "" {
			return
		}
		if !strings.HasPrefix(p, "/") || strings.HasPrefix(p, "//") || strings.ContainsAny(p, "\\\r\n\x00#") {
			t.Fatalf("localPath(%q) = %q", s, p)
		}
	})
}

func TestLocalPath(t *testing.T) {
	for in, want := range map[string]string{
		"/account":                   "/account",
		"/people/invite?role=editor": "/people/invite?role=editor",
		"":                           "",
		"account":                    "",
		"//evil.example/":            "",
		`/\evil.example`:             "",
		"https://evil.example/":      "",
		"/a#b":                       "",
		"/a\r\nX: y":                 "",
	} {
		if got := localPath(in); got != want {
			t.Errorf("localPath(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestLogsAreSilent: whatever of a person or a secret reaches a log, the log does not show it.
func TestLogsAreSilent(t *testing.T) {
	token, err := secret.New(strings.NewReader(strings.Repeat("z", secret.Bytes)))
	if err != nil {
		t.Fatal(err)
	}
	p := Person{ID: "id-of-person", Name: "Sample Person", Salutation: "Ms Sample", Email: "person@example.org"}
	var out bytes.Buffer
	log := logTo(&out)
	log.Info("one", "email", p.Email, "person", p, "token", token)
	log.Info(fmt.Sprintf("two %v %s %+v %#v", token, token, token, token))
	log.With("token", token).WithGroup("g").Error("three", "error", fmt.Errorf("using %v", token))
	for _, shown := range []string{token.Reveal(), "person@example.org", "Sample", "example.org"} {
		if strings.Contains(out.String(), shown) {
			t.Errorf("the log shows %q:\n%s", shown, out.String())
		}
	}
	if !strings.Contains(out.String(), "id-of-person") {
		t.Errorf("the log does not tell which person:\n%s", out.String())
	}
}
