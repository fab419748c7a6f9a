package mail

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/mail"
	"strings"
	"unique"

	"golang.org/x/net/idna"
)

// ErrAddress: the text is not an address that a message can be sent to.
var ErrAddress = errors.New("this is not an e-mail address")

// redacted stands for an address wherever one is printed.
const redacted = "[address]"

// Address is an e-mail address that ParseAddress has accepted. However it is printed, logged or encoded, it
// comes out as "[address]"; only Reveal gives it. Addresses can be compared.
type Address struct{ text unique.Handle[string] }

// The longest address and the longest part before its @, in bytes (RFC 5321, 4.5.3.1).
const (
	maxAddress = 254
	maxLocal   = 64
)

// ParseAddress reads one bare address. The domain may be written in any script and is kept in its ASCII form
// (RFC 5891). Names, quoted local parts, hosts without a domain and bare IP addresses are refused: where people
// type addresses they are mistakes or worse. Errors wrap ErrAddress and do not repeat the text.
func ParseAddress(s string) (Address, error) {
	refuse := func(why string) (Address, error) { return Address{}, fmt.Errorf("%w: %s", ErrAddress, why) }
	at := strings.LastIndexByte(s, '@')
	switch {
	case at < 0:
		return refuse("the @ is missing")
	case at == 0 || at > maxLocal || len(s) > maxAddress:
		return refuse("it is too short or too long")
	}
	local, domain := s[:at], s[at+1:]
	for _, c := range []byte(local) {
		if !isAtom(c) {
			return refuse("a character before the @ does not belong there")
		}
	}
	domain, err := idna.Lookup.ToASCII(domain)
	if err != nil || len(local)+1+len(domain) > maxAddress {
		return refuse("what follows the @ is not a domain")
	}
	if again, err := idna.Lookup.ToASCII(domain); err != nil || again != domain {
		return refuse("what follows the @ is not a domain") // some rare names map to what does not stand by itself
	}
	labels := strings.Split(domain, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 {
			return refuse("what follows the @ is not a domain")
		}
	}
	if len(labels) < 2 || strings.Trim(labels[len(labels)-1], "0123456789") == "" {
		return refuse("what follows the @ is not a domain")
	}
	// The standard library decides about dots, so that what is kept can be written into a header.
	address := local + "@" + domain
	if parsed, err := mail.ParseAddress(address); err != nil || parsed.Name != "" || parsed.Address != address {
		return refuse("a dot stands where none can be")
	}
	return Address{unique.Make(address)}, nil
}

// isAtom tells whether c may stand in an unquoted local part: atext and the dot (RFC 5322, 3.2.3).
func isAtom(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c < 0x80 && strings.IndexByte("!#$%&'*+-/=?^_`{|}~.", c) >= 0
}

// Reveal gives the address itself, to send to it or to show it to whoever may see it.
func (a Address) Reveal() string {
	if a == (Address{}) {
		return ""
	}
	return a.text.Value()
}

func (a Address) domain() string {
	s := a.Reveal()
	return s[strings.LastIndexByte(s, '@')+1:]
}

// LogValue keeps addresses out of logs.
func (Address) LogValue() slog.Value { return slog.StringValue(redacted) }

// Format keeps addresses out of everything that package fmt makes.
func (Address) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }

// String keeps addresses out of everything else.
func (Address) String() string { return redacted }

// MarshalText keeps addresses out of JSON: whoever means to export one calls Reveal.
func (Address) MarshalText() ([]byte, error) { return []byte(redacted), nil }
