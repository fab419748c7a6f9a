// Package summary is the room of the Chair's summary: composed from what was said, published with its proof.
//
// A summary is a text of internal/text whose points cite exact quotations of what was published of the dialogue. It is
// published once no lint finds an error and each input is reflected or left out for a stated reason.
// docs/formats/summary.md specifies what the public record holds.
package summary

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/text"
)

// Prefix begins what summaries are called in the public record, and is the kind of their texts.
const Prefix = "summary"

// Kind says what a block of a summary is.
type Kind string

// The kinds of blocks. Chapeau and closing are paragraphs in sections without a need.
const (
	Paragraph      Kind = "paragraph"
	Point          Kind = "point"
	MainPoint      Kind = "main_point"
	Recommendation Kind = "recommendation"
)

// Kinds lists the kinds as pages offer them.
var Kinds = []Kind{Point, MainPoint, Recommendation, Paragraph}

// mainTopic marks a point as a main point of the summary.
const mainTopic = "main"

// KindOf tells what a block is.
func KindOf(b *text.Block) Kind {
	if b.Kind == text.Point && slices.Contains(b.Topics, mainTopic) {
		return MainPoint
	}
	return Kind(b.Kind)
}

// setKind makes a block one of a kind.
func setKind(b *text.Block, k Kind) {
	b.Topics = slices.DeleteFunc(slices.Clone(b.Topics), func(t string) bool { return t == mainTopic })
	b.Kind = text.BlockKind(k)
	if k == MainPoint {
		b.Kind, b.Topics = text.Point, append(b.Topics, mainTopic)
	}
	if len(b.Topics) == 0 {
		b.Topics = nil
	}
	if k != Recommendation {
		b.Asks = nil
	}
}

// Source is something that was said or handed in and published, which a summary reflects or says why not.
type Source struct {
	// ID is its subject in the public record: "intervention/som-2027/…".
	ID string
	// Path is the address of its page.
	Path   string
	Spoken bool
	// Who is the name under which the public sees who said it; empty where it is known by category alone.
	Who string
	// Category is a stakeholder type, Region a group of the mechanism; both may be empty.
	Category, Region string
	Needs            []string
	// Lang is the language in which it was said.
	Lang locale.Lang
	// Texts are its published words, the newest of each language.
	Texts []Text
}

// Text is a source in one language.
type Text struct {
	Entry   ledger.ID
	Version string
	Lang    locale.Lang
	Status  text.Status
	// Text is what is quoted: the paragraphs of the entry, joined by empty lines.
	Text string
}

// Of gives a text of a source by its entry; nil where that is none of the newest.
func (s *Source) Of(entry ledger.ID) *Text {
	if i := slices.IndexFunc(s.Texts, func(t Text) bool { return t.Entry == entry }); i >= 0 {
		return &s.Texts[i]
	}
	return nil
}

// In gives the text in a language, else in the one in which it was said, else the first; nil where there is none.
func (s *Source) In(langs ...locale.Lang) *Text {
	for _, lang := range append(langs, s.Lang) {
		if i := slices.IndexFunc(s.Texts, func(t Text) bool { return t.Lang == lang }); i >= 0 {
			return &s.Texts[i]
		}
	}
	if len(s.Texts) == 0 {
		return nil
	}
	return &s.Texts[0]
}

// Held is a dialogue as the room must know it.
type Held struct {
	ID    dialogue.ID
	Title dialogue.Words
	// Body is the working group, for the policy.
	Body   string
	Date   string // of its last day, in ISO 8601
	Zone   *time.Location
	Sample bool
	// Open tells whether the dialogue's state lets its summary be written.
	Open bool
}

func (h Held) scope() party.Scope { return party.OfDialogue(string(h.ID), h.Body) }

// Cited is another entry of the public record, as it can be cited.
type Cited struct {
	Entry                ledger.ID
	Subject              string
	Title, Path, Version string
	// Text is what may be quoted; empty where nothing may.
	Text string
}

// Speaker is somebody who is asked for comments on a draft: whoever stands behind a source.
type Speaker struct {
	Email party.Email
	Lang  locale.Lang
	// Label is what the draft's editors see of them: the public name, or the category.
	Label string
}

// PublishedPoint is a point or recommendation as it was published, for whoever follows it up.
type PublishedPoint struct {
	Dialogue dialogue.ID
	Block    text.BlockID
	// Subject is what it is called in the public record, Entry its newest entry, Former the one before.
	Subject       string
	Entry, Former ledger.ID
	Kind          Kind
	Need          string
	Text          text.Words
	Asks          *text.Asks
	// Cites are the entries that it quotes, Sources their subjects.
	Cites   []ledger.ID
	Sources []string
	Number  int // of the published version
	Sample  bool
	// Changed tells that this version says it otherwise than the one before, or for the first time.
	Changed bool
}

// Subject is what a block is called in the public record.
func Subject(id dialogue.ID, block text.BlockID) string {
	return Prefix + "/" + string(id) + "/" + string(block)
}

// Path is the address of a published summary.
func Path(id dialogue.ID) string { return "/dialogues/" + string(id) + "/summary" }

func desk(id dialogue.ID) string { return "/desk/dialogues/" + string(id) + "/summary" }

// Reasons are why a source can be left out; words may be added to each, and must be to the last.
var Reasons = []string{"said_by_others", "outside_topic", "country", "procedural", "asked", "other"}

// The codes of what the room finds beside the lints of the text.
const (
	SourceNewer  text.Code = "source_newer"     // a newer version of what is quoted stands
	TooManyCited text.Code = "too_many_entries" // a block cites more entries than a leaf of the record has room for
)

// maxCited bounds the entries that a block cites: a leaf of the record has 4 KiB.
const maxCited = 120

// The bounds of what is typed, in characters.
const (
	maxWords  = 6000
	maxLine   = 300
	maxReason = 500
	maxReply  = 2000
)

// ErrNotFound: the dialogue has no summary, or not this part of it.
var ErrNotFound = errors.New("there is no such summary")

// Langs are the languages that a summary can have: the six of the United Nations.
var Langs = []locale.Lang{"ar", "en", "es", "fr", "ru", "zh"}

var langNames = map[locale.Lang]string{"ar": "العربية", "en": "English", "es": "Español", "fr": "Français", "ru": "Русский", "zh": "中文"}

// langName is what a language calls itself, kept from turning the words around it.
func langName(l locale.Lang) string { return isolate(cmp.Or(langNames[l], string(l))) }

// line reads one line, words a text of several.
func line(field, s string, max int) (string, error) {
	return typed(field, strings.Join(strings.Fields(s), " "), max)
}

func typed(field, s string, max int) (string, error) {
	s = strings.TrimSpace(text.Clean(s))
	if n := utf8.RuneCountInString(s); n > max {
		return s, invalid(field, "summary.problem.long", "Max", max, "Length", n)
	}
	return s, nil
}

func invalid(field, key string, pairs ...any) page.Invalids {
	return page.Invalids{{Field: field, Key: key, Pairs: pairs}}
}

func problem(status int, key string, pairs ...any) error {
	return &page.Problem{Status: status, Key: key, Pairs: pairs}
}

// moved says that the draft is no longer what the reader has seen.
func moved() error { return problem(http.StatusConflict, "summary.problem.moved") }

// at writes an instant as the public record does.
func at(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}
