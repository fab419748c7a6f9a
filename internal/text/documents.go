package text

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// Errors that callers can act on. See also [Conflict], [Misfit] and [Problems].
var (
	// ErrNotFound: there is no such document, part, version, suggestion, comment, signature, round or invitation.
	ErrNotFound = errors.New("the text has no such thing")
	// ErrEdited: the draft has changed since the caller looked at it.
	ErrEdited = errors.New("the draft has changed meanwhile")
	// ErrNotEmpty: a section that holds blocks is not removed.
	ErrNotEmpty = errors.New("the section is not empty")
	// ErrDecided: the suggestion was decided already.
	ErrDecided = errors.New("the suggestion is decided already")
	// ErrRoundOver: the round's last day is over, or it was ended.
	ErrRoundOver = errors.New("the round of comments is over")
	// ErrSigned: this person has signed this version already.
	ErrSigned = errors.New("the version is signed already")
)

// Options are what documents need from the house.
type Options struct {
	Org    store.Org
	Clock  func() time.Time
	Random io.Reader
}

// Documents keeps the texts of one tenant. Its methods work in the caller's transaction, so that what a room does with a
// text and the text itself are kept together or not at all; after an error the caller gives the transaction up. They may
// be called from any goroutine.
type Documents struct{ o Options }

// New makes the documents on a migrated database.
func New(o Options) *Documents { return &Documents{o} }

// Draft is a document as it is being worked on.
type Draft struct {
	Document
	// Edit counts the changes of the draft: a caller that hands it back says what they have seen.
	Edit int
	// Version is the newest version that was fixed; 0 for none.
	Version int
	Changed time.Time
	// Stamps tell, for each block, section and the title, its last change.
	Stamps map[string]Stamp
}

// Stamp is the last change of a part. Its Edit goes into the form in which the part is changed.
type Stamp struct {
	Edit int
	At   time.Time
	By   party.PersonID
}

// What says what happened to a part.
type What string

// The changes of a draft.
const (
	WasCreated    What = "created" // with the document
	WasAdded      What = "added"
	WasSaved      What = "saved"
	WasMoved      What = "moved"
	WasRemoved    What = "removed"
	WasRestored   What = "restored"
	WasOwned      What = "owned" // has another owner
	WasOmitted    What = "omitted"
	WasReadmitted What = "readmitted"
)

// Change is one change of the draft.
type Change struct {
	// Edit is the draft's count after it.
	Edit int
	Part string
	What What
	At   time.Time
	// By is empty for someone whose data have been erased.
	By party.PersonID
	// Suggestion is the one that was accepted with it.
	Suggestion SuggestionID
	// Body is the part afterwards, or what was removed. Of a section and the title it has the words and topics.
	Body Block
}

// Conflict says that two people changed the same fields of a part. Nothing was kept; everything that both wrote is here.
type Conflict struct {
	Part string
	// Edit, At and By are of the change that came first; with Edit as the new basis, Yours can be saved over it.
	Edit int
	At   time.Time
	By   party.PersonID
	// Removed tells that the part is gone; Theirs is what was removed.
	Removed bool
	// Base is what both began with.
	Base, Theirs, Yours Block
	// Fields name what both changed differently: "kind", "topics", "asks", "citations", or "text" and a language.
	Fields []string
	// Merged proposes the part with both changes; where the same words were changed it has yours.
	Merged Block
}

func (c *Conflict) Error() string {
	return fmt.Sprintf("part %s has been changed by someone else meanwhile", c.Part)
}

// mergeBlock brings two changes of a part together, field by field, and names the fields that both changed differently.
// In those the answer has ours, texts merged word by word as far as they can be.
func mergeBlock(base, ours, theirs *Block) (merged Block, fields []string) {
	merged = *ours
	pick := func(name string, take func(), same func(a, b *Block) bool) {
		switch {
		case same(ours, theirs) || same(theirs, base):
		case same(ours, base):
			take()
		default:
			fields = append(fields, name)
		}
	}
	pick("kind", func() { merged.Kind = theirs.Kind }, func(a, b *Block) bool { return a.Kind == b.Kind })
	pick("topics", func() { merged.Topics = theirs.Topics }, func(a, b *Block) bool { return slices.Equal(a.Topics, b.Topics) })
	pick("asks", func() { merged.Asks = theirs.Asks }, func(a, b *Block) bool { return sameAsks(a.Asks, b.Asks) })

	merged.Text = Words{}
	langs := map[locale.Lang]bool{}
	for _, w := range []Words{base.Text, ours.Text, theirs.Text} {
		for lang := range w {
			langs[lang] = true
		}
	}
	for lang := range langs {
		b, bIn := base.Text[lang]
		o, oIn := ours.Text[lang]
		t, tIn := theirs.Text[lang]
		switch {
		case o == t && oIn == tIn || t == b && tIn == bIn:
		case o == b && oIn == bIn:
			o, oIn = t, tIn
		default:
			if o.Text != t.Text {
				fields = append(fields, "text "+string(lang))
				o.Text, _ = Merge(b.Text, o.Text, t.Text)
			} else if o.Status != t.Status {
				fields = append(fields, "text "+string(lang))
			}
		}
		if oIn {
			merged.Text[lang] = o
		}
	}

	// Citations are a set: what either side added or took away is added or taken away.
	find := func(list []Citation, id CitationID) (Citation, bool) {
		i := slices.IndexFunc(list, func(q Citation) bool { return q.ID == id })
		if i < 0 {
			return Citation{}, false
		}
		return list[i], true
	}
	merged.Citations = nil
	clash := false
	for _, o := range ours.Citations {
		b, had := find(base.Citations, o.ID)
		t, has := find(theirs.Citations, o.ID)
		switch {
		case !has && had && o == b: // they took it away
		case has && o == b:
			merged.Citations = append(merged.Citations, t)
		default:
			clash = clash || had && !has || has && t != b && t != o
			merged.Citations = append(merged.Citations, o)
		}
	}
	for _, t := range theirs.Citations {
		if _, ok := find(ours.Citations, t.ID); ok {
			continue
		}
		b, had := find(base.Citations, t.ID)
		if !had || t != b {
			merged.Citations = append(merged.Citations, t)
			clash = clash || had
		}
	}
	if clash {
		fields = append(fields, "citations")
	}
	slices.Sort(fields)
	return merged, fields
}

func sameAsks(a, b *Asks) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Date == b.Date && sameWords(a.Actor, b.Actor) && sameWords(a.Measure, b.Measure)
}

func sameWords(a, b Words) bool {
	if len(a) != len(b) {
		return false
	}
	for lang, w := range a {
		if o, ok := b[lang]; !ok || o != w {
			return false
		}
	}
	return true
}
