// Package party keeps the persons and organisations of an instance, the roles they hold, and how they sign in.
//
// A person has one account with a tenant and may hold several roles, each in a scope: the instance, a body, a
// dialogue, an organisation or a State. What a role may do stands in one table, in policy.go. Signing in needs
// no password: a one-time link by mail works everywhere, a passkey where the browser knows them.
//
// Personal data carry the day on which they are erased, and the person sees it. A person can see, correct,
// export and withdraw what is kept about them. What stays after that is a row without a name, so that totals
// stay right.
package party

import (
	"cmp"
	"log/slog"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
)

// How long personal data are kept.
const (
	// Retention is how long after the last sign-in an account is erased.
	Retention = 2 * 365 * 24 * time.Hour
	// UnansweredFor is how long after an invitation the data of a person who never signed in are erased.
	UnansweredFor = 37 * 24 * time.Hour
	// WarnBefore is how long before the day of erasure a person is told.
	WarnBefore = 30 * 24 * time.Hour
)

// PersonID names a person of a tenant. It is random and says nothing about them.
type PersonID string

// Person is somebody with an account.
type Person struct {
	ID   PersonID
	Name string
	// Salutation is how the person wants to be addressed, in their own words; empty means by name.
	Salutation string
	Email      Email
	// Lang is the language in which the person is written to.
	Lang    locale.Lang
	Created time.Time
	// Joined is the first sign-in; zero while an invitation waits.
	Joined time.Time
	// Erases is when the personal data will be erased unless the person signs in again.
	Erases time.Time
}

// LogValue lets a log name a person by id alone.
func (p Person) LogValue() slog.Value { return slog.StringValue("person " + string(p.ID)) }

// Address is how the person is addressed.
func (p Person) Address() string { return cmp.Or(p.Salutation, p.Name) }

// OrganisationID names an organisation of a tenant.
type OrganisationID string

// Organisation is an NGO, a university, a company, a State's body, an intergovernmental organisation and so on.
type Organisation struct {
	ID OrganisationID
	// Type is the id of a stakeholder type of the mechanism's preset.
	Type string
	Name string
	// Country is an ISO 3166-1 alpha-2 code; empty for an organisation of several countries.
	Country string
	// Listed tells whether the organisation agreed to stand on public lists; Answered when it last said so.
	Listed   bool
	Answered time.Time
	Created  time.Time
}

// Email is an electronic mail address that ParseEmail has accepted. Logs never show it.
type Email string

// LogValue keeps addresses out of logs.
func (Email) LogValue() slog.Value { return slog.StringValue("[e-mail]") }

// Key is the address as it is compared: mailboxes that differ in case alone are one.
func (e Email) Key() string { return strings.ToLower(string(e)) }

// The bounds of what a person may type, in bytes for addresses (RFC 5321, 4.5.3.1) and in characters for words.
const (
	maxEmail     = 254
	maxLocalPart = 64
	maxName      = 120
	maxWords     = 80

	maxOrganisation = 240
)

// atext are the characters of a mailbox's local part besides letters and digits (RFC 5322, 3.2.3), with the dot.
const atext = "!#$%&'*+-/=?^_`{|}~."

// ParseEmail reads an address as people type it: spaces around it are dropped, the domain may be written in any
// script and is kept in its ASCII form. Quoted local parts and bare hosts are refused: on a public form they are
// mistakes.
func ParseEmail(s string) (Email, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", invalid("email", "party.email.missing")
	}
	bad := invalid("email", "party.email.bad")
	at := strings.LastIndexByte(s, '@')
	if !page.Clean(s) || len(s) > maxEmail || at < 1 || at > maxLocalPart {
		return "", bad
	}
	local, domain := s[:at], s[at+1:]
	for _, c := range local {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9') && (c > 127 || !strings.ContainsRune(atext, c)) {
			return "", bad
		}
	}
	domain, err := idna.Lookup.ToASCII(domain)
	if err != nil || !strings.Contains(domain, ".") || strings.HasSuffix(domain, ".") || len(local)+1+len(domain) > maxEmail {
		return "", bad
	}
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return "", bad
		}
	}
	if last := domain[strings.LastIndexByte(domain, '.')+1:]; strings.Trim(last, "0123456789") == "" {
		return "", bad // an IP address
	}
	email := local + "@" + domain
	// The standard library has the last word on dots, so that what is kept can be sent.
	if parsed, err := mail.ParseAddress(email); err != nil || parsed.Address != email || parsed.Name != "" {
		return "", bad
	}
	return Email(email), nil
}

// words reads one line that people read: composed characters (NFC), single spaces, at most max characters, and
// nothing that hides text or turns it around.
func words(field, s string, max int) (string, error) {
	if !page.Clean(s) {
		return "", invalid(field, "party.words.unreadable")
	}
	s = strings.Join(strings.Fields(norm.NFC.String(s)), " ")
	if utf8.RuneCountInString(s) > max {
		return "", invalid(field, "party.words.long", "Max", max)
	}
	return s, nil
}

// ParseName reads a person's name. Any script will do; it must hold something to read.
func ParseName(s string) (string, error) {
	name, err := words("name", s, maxName)
	if err == nil && !readable(name) {
		err = invalid("name", "party.name.missing")
	}
	return name, err
}

// readable tells whether something of s can be seen.
func readable(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return !slices.Contains(unseen, r) && r != ' ' })
}

// unseen are characters without a shape of their own; a name may hold them, as Persian does, but not consist of
// them.
var unseen = []rune{'\u00ad', '\u034f', '\u061c', '\u115f', '\u1160', '\u17b4', '\u17b5', '\u180e', '\u200b', '\u200c', '\u200d', '\u200e', '\u200f', '\u2060', '\u3164', '\ufeff', '\uffa0'}

// ParseLang reads the language in which a person wants to be written to.
func ParseLang(s string) (locale.Lang, error) {
	if l := locale.Lang(s); l.Known() {
		return l, nil
	}
	return "", invalid("lang", "party.lang.missing")
}

// invalid says what is wrong with one field.
func invalid(field, key string, pairs ...any) page.Invalids {
	return page.Invalids{{Field: field, Key: key, Pairs: pairs}}
}
