package text

import (
	"time"

	"rostrum.example/internal/locale"
)

// CommentID names a comment.
type CommentID string

// Comment is a remark on a part of a document, or an answer to one. Answers have no answers of their own, so a thread
// is one list.
type Comment struct {
	ID CommentID `json:"id"`
	// Thread is the comment that this one answers; empty for the first of a thread.
	Thread CommentID `json:"thread,omitempty"`
	// Part is the block, section or title that the thread is about; empty for the document as a whole.
	Part string      `json:"part,omitempty"`
	Lang locale.Lang `json:"lang,omitempty"`
	// Range names the words of the part that it is about; nil for all of them.
	Range *Selector `json:"range,omitempty"`
	// Version is what its author had before them; 0 for the draft.
	Version int       `json:"version,omitempty"`
	Text    string    `json:"text"`
	Origin  Origin    `json:"origin"`
	Author  Author    `json:"author,omitzero"`
	At      time.Time `json:"at,omitzero"`
	Round   RoundID   `json:"round,omitempty"`
	// Resolved is when somebody settled the thread; zero while it is open, and of answers.
	Resolved time.Time `json:"resolved,omitzero"`
	Resolver Author    `json:"resolver,omitzero"`
}

// Place finds the words that a comment is about in a document of now: the whole part where it has no range, and not
// found where the words are no longer there.
func (c *Comment) Place(d *Document) Match {
	w := wordsOf(d, c.Part)
	if w == nil {
		return Match{Outcome: NotFound}
	}
	s := (*w)[c.Lang].Text
	if c.Range == nil {
		return Match{Outcome: Found, Passage: Passage{0, len(s)}, Verbatim: true}
	}
	return Find(s, *c.Range)
}

func (c *Comment) check() error {
	k := &checker{part: c.Part}
	for name, id := range map[string]string{"part": c.Part, "thread": string(c.Thread)} {
		if id != "" && (len(id) > maxID || !goodID.MatchString(id)) {
			k.add(Problem{Code: BadID, Field: name, Limit: maxID})
		}
	}
	if c.Text == "" {
		k.add(Problem{Code: Missing, Field: "comment"})
	}
	k.string("comment", "", c.Text, MaxText)
	k.string("author", "", c.Author.Name, MaxName)
	if c.Lang != "" {
		k.lang("comment", c.Lang)
	}
	if r := c.Range; r != nil {
		for _, s := range []string{r.Exact, r.Prefix, r.Suffix} {
			k.string("range", c.Lang, s, MaxQuote)
		}
	}
	return k.err()
}

// Signature says that somebody stands behind a version.
type Signature struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	By      Author `json:"by"`
	// Capacity is in which they sign: "Chair", the name of an organisation.
	Capacity string    `json:"capacity,omitempty"`
	At       time.Time `json:"at"`
	// Withdrawn is when they took it back; zero while it holds.
	Withdrawn time.Time `json:"withdrawn,omitzero"`
}
