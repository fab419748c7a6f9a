// Package intervention is the room of what is said in a dialogue: interventions on the floor and written inputs, in their
// versions and languages.
//
// Nothing is published without its author's confirmation and a look at the countries it names. The author chooses the
// voice: named, by category only, or sealed. docs/formats/input.md specifies what the public record holds.
package intervention

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
)

// ID names an input.
type ID string

// Kind says how something was said.
type Kind string

// The kinds of inputs.
const (
	Spoken  Kind = "spoken"
	Written Kind = "written"
)

// Voice says how the public sees who speaks.
type Voice string

// The voices.
const (
	Named    Voice = "named"
	Category Voice = "category" // by stakeholder type, and by region where enough others share both
	Sealed   Voice = "sealed"   // as by category; nobody but the author can tell or prove whose words these are
)

// Voices lists the voices.
var Voices = []Voice{Named, Category, Sealed}

// State says where an input stands.
type State string

// The states, in the order of an input's way. A published input of which a further text waits is confirmed again, and
// stays public.
const (
	Draft     State = "draft"           // nobody has been asked to confirm it
	Awaiting  State = "awaiting_author" // its author has a link
	Confirmed State = "confirmed"
	Checked   State = "checked" // somebody has looked at the countries it names
	Published State = "published"
	Withdrawn State = "withdrawn"
)

// States lists the states.
var States = []State{Draft, Awaiting, Confirmed, Checked, Published, Withdrawn}

// Status says who stands behind a text in one language.
type Status string

// The statuses.
const (
	Official   Status = "official" // the author's own, or accepted by them
	Unofficial Status = "unofficial"
	Machine    Status = "machine"
)

// Statuses lists the statuses.
var Statuses = []Status{Official, Unofficial, Machine}

// Input is what one speaker says about one matter.
type Input struct {
	ID       ID
	Dialogue dialogue.ID
	Sample   bool
	Kind     Kind
	Voice    Voice
	Author
	// Mailed is the language in which the author is written to.
	Mailed locale.Lang
	// Item is the item of the programme, Speech the turn on the floor, 0 for none.
	Item   string
	Speech int
	Needs  []string
	// Lang is the language of the original, as a BCP 47 tag.
	Lang      string
	State     State
	Received  time.Time
	Published time.Time // the first text; zero before
	// Source says where it came from: "form", "floor", "transcript", or the name of a file or message.
	Source string
	// Handing tells that the author agrees that passages which name a State go to that State's focal point.
	Handing bool
	// Note is the reason of a withdrawal, or what the officer wrote to the author.
	Note string
	// Alike is an input of the dialogue with nearly the same words.
	Alike ID
	// Asked is when the author was last written to, Reminded how often they were reminded.
	Asked    time.Time
	Reminded int
	Version  int
	Erases   time.Time
}

// Author is whose words an input is. All of it is empty once a sealed voice has confirmed, but Type and Region.
type Author struct {
	Person       party.PersonID
	Organisation party.OrganisationID
	// Name is the organisation's, or of somebody who speaks for none their own; it is public where the voice is named.
	Name string
	// Type is a stakeholder type of the preset, Region a group of the mechanism; both may be empty.
	Type, Region string
	Email        party.Email
}

// Subject is what the input is called in the public record.
func (in *Input) Subject() string { return Prefix + "/" + string(in.Dialogue) + "/" + string(in.ID) }

// Path is the address of its public page.
func (in *Input) Path() string { return inputsPath(in.Dialogue) + "/" + string(in.ID) }

// Public tells whether anybody may see that it exists.
func (in *Input) Public() bool { return !in.Published.IsZero() }

// Text is an input in one language and one version.
type Text struct {
	Lang   string
	Number int
	Status Status
	// Of is the version of the original that a translation translates; 0 for the original.
	Of         int
	Paragraphs []string
	// Doubts are the places of paragraphs that could not be read with certainty.
	Doubts []int
	Person party.PersonID // who entered it; empty for the author
	At     time.Time
	Entry  ledger.ID // empty while it waits to be published
}

// Act is something that happened to an input.
type Act struct {
	At     time.Time
	What   string
	Note   string
	Person party.PersonID
}

// The bounds of an input.
const (
	MaxText       = 60_000 // characters of a text
	MaxParagraphs = 600
	MaxNote       = 1000
	MaxLine       = 300
)

// fewest is how many inputs of a dialogue must share type and region before a region is shown of who is not named.
const fewest = 3

// Paragraphs takes a text apart: an empty line, or a line feed in a text without empty lines, ends a paragraph. Lines
// are joined, spaces folded, and the letters composed (NFC).
func Paragraphs(s string) []string {
	s = strings.ReplaceAll(strings.ReplaceAll(norm.NFC.String(s), "\r\n", "\n"), "\r", "\n")
	sep := "\n\n"
	blank := strings.Split(s, "\n")
	for i := range blank {
		blank[i] = strings.TrimSpace(blank[i])
	}
	s = strings.TrimSpace(strings.Join(blank, "\n"))
	if !strings.Contains(s, sep) {
		sep = "\n"
	}
	var all []string
	for p := range strings.SplitSeq(s, sep) {
		if p = strings.Join(strings.Fields(p), " "); p != "" {
			all = append(all, p)
		}
	}
	return all
}

// checkText refuses what is no text that can be published.
func checkText(field string, all []string) error {
	n := 0
	for _, p := range all {
		n += utf8.RuneCountInString(p)
		if !page.Clean(p) {
			return invalid(field, "intervention.text.unreadable")
		}
	}
	switch {
	case n == 0:
		return invalid(field, "intervention.text.missing")
	case n > MaxText || len(all) > MaxParagraphs:
		return invalid(field, "intervention.text.long", "Max", MaxText, "Length", n)
	}
	return nil
}

// parseLang reads a language tag and writes it in its one form.
func parseLang(field, s string) (string, error) {
	tag, err := language.Parse(strings.TrimSpace(s))
	if err != nil || tag == language.Und {
		return "", invalid(field, "intervention.lang.bad")
	}
	return tag.String(), nil
}

// line reads one line that a person typed.
func line(field, s string, max int, required bool) (string, error) {
	s = strings.Join(strings.Fields(norm.NFC.String(s)), " ")
	switch {
	case s == "" && required:
		return "", invalid(field, "intervention.line.missing")
	case !page.Clean(s):
		return "", invalid(field, "intervention.text.unreadable")
	case utf8.RuneCountInString(s) > max:
		return "", invalid(field, "intervention.line.long", "Max", max)
	}
	return s, nil
}

func invalid(field, key string, pairs ...any) page.Invalids {
	return page.Invalids{{Field: field, Key: key, Pairs: pairs}}
}

// newest gives the newest text of a language, or nil; published leaves out one that waits.
func newest(all []Text, lang string, published bool) *Text {
	var found *Text
	for i := range all {
		if t := &all[i]; t.Lang == lang && (!published || t.Entry != "") && (found == nil || t.Number > found.Number) {
			found = t
		}
	}
	return found
}

// languages lists the languages of texts, the original's first.
func languages(all []Text, original string) []string {
	var langs []string
	for _, t := range all {
		if !slices.Contains(langs, t.Lang) {
			langs = append(langs, t.Lang)
		}
	}
	slices.SortFunc(langs, func(a, b string) int {
		if a == original || b == original {
			return cmp.Compare(flag(b == original), flag(a == original))
		}
		return cmp.Compare(a, b)
	})
	return langs
}

// waiting lists the texts that wait to be published, the original first.
func waiting(all []Text, original string) (out []*Text) {
	for _, lang := range languages(all, original) {
		if t := newest(all, lang, false); t.Entry == "" {
			out = append(out, t)
		}
	}
	return out
}

// outdated tells whether a newer version of the original stands than the one that a text translates.
func outdated(all []Text, t *Text, original string) bool {
	o := newest(all, original, true)
	return t.Of > 0 && o != nil && o.Number > t.Of
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// day is the beginning of an instant's day.
func day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

func isLetter(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) }
