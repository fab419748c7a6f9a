package secret

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	token, err := New(strings.NewReader(strings.Repeat("k", Bytes)))
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := Parse(token.Reveal()); !ok || got != token {
		t.Errorf("Parse does not read what Reveal wrote: %v", ok)
	}
	for _, bad := range []string{"", "x", token.Reveal() + "A", token.Reveal()[1:], strings.Repeat("!", 43), token.Reveal() + "="} {
		if _, ok := Parse(bad); ok {
			t.Errorf("Parse(%q) accepts it", bad)
		}
	}
	if _, err := New(strings.NewReader("short")); err == nil {
		t.Error("a secret is made of too little randomness")
	}
}
