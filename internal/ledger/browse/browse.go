// Package browse shows the public record to readers: what was entered lately, and each entry with everything
// that is needed to check it.
package browse

import (
	"bytes"
	"embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
)

//go:embed templates/*.html
var templates embed.FS

// Catalogue holds the words of these pages.
//
//go:embed catalogue
var Catalogue embed.FS

// Browser serves the pages of one record.
type Browser struct {
	ledger *ledger.Ledger
	recent *page.Page[recentView]
	entry  *page.Page[entryView]
}

// pageLength is how many entries a page of the record shows.
const pageLength = 50

// Seat adds the pages to the site.
func Seat(s *page.Site, l *ledger.Ledger) error {
	b := &Browser{ledger: l}
	var err error
	if b.recent, err = page.Parse[recentView](s, templates, "recent"); err != nil {
		return err
	}
	if b.entry, err = page.Parse[entryView](s, templates, "entry"); err != nil {
		return err
	}
	s.Public("GET /record", b.showRecent)
	s.Public("GET /record/{index}", b.showEntry)
	s.Navigate(page.NavItem{Key: "nav.record", Path: "/record"})
	return nil
}

type lineView struct {
	Number  int
	Path    string
	Title   string
	Type    string
	At      string
	Dropped bool
}

type recentView struct {
	Size       int
	Checkpoint string
	Key        string
	Target     string
	Lines      []lineView
	Older      string // path of the page before, empty on the last
}

func (b *Browser) showRecent(w http.ResponseWriter, r *page.Request) error {
	head := b.ledger.Head(r.Context())
	before := head.Size
	if s := r.URL.Query().Get("before"); s != "" {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 0 {
			return page.NotFound()
		}
		before = min(n, head.Size)
	}
	entries, err := b.ledger.Recent(r.Context(), before, pageLength)
	if err != nil {
		return err
	}
	v := recentView{Size: int(head.Size), Checkpoint: string(head.Note), Key: b.ledger.Verifier(), Target: r.Base()}
	last := before
	for _, e := range entries {
		if e.Index == ledger.Pending {
			continue
		}
		title, _, err := b.title(r, e.Leaf.Subject)
		if err != nil {
			return err
		}
		v.Lines = append(v.Lines, lineView{int(e.Index), entryPath(e.Index), title, e.Leaf.Type, when(r, e.Leaf.At), e.Notice != nil})
		last = min(last, e.Index)
	}
	if last > 0 && len(v.Lines) > 0 {
		v.Older = fmt.Sprintf("/record?before=%d", last)
	}
	return b.recent.Render(w, r, v)
}

// when says an act's time, a day or a second, in the reader's language.
func when(r *page.Request, at string) string {
	if t, err := time.Parse(time.RFC3339, at); err == nil {
		return r.Instant(t)
	}
	if d, err := locale.ParseDate(at); err == nil {
		return r.Date(d)
	}
	return at
}

func entryPath(index int64) string { return fmt.Sprintf("/record/%d", index) }

// title asks the wing of a subject what it is called; a subject that nobody knows stands for itself.
func (b *Browser) title(r *page.Request, subject string) (title, address string, err error) {
	c, err := b.ledger.Resolve(r.Context(), subject)
	if errors.Is(err, ledger.ErrNotFound) {
		return subject, "", nil
	}
	return c.Title, c.Address, err
}

type entryView struct {
	Index, Size     int
	At, WithdrawnAt string
	Title, Address  string
	Leaf            ledger.Leaf
	LeafText        string
	Salt, Text      string
	Sealed          bool
	Notice          *ledger.Notice
	History         []lineView
	Previous, Next  string
	Proof           string
	Target          string
	Cites           []lineView
}

func (b *Browser) showEntry(w http.ResponseWriter, r *page.Request) error {
	index, err := strconv.ParseInt(r.PathValue("index"), 10, 64)
	if err != nil {
		return page.NotFound()
	}
	e, err := b.ledger.Entry(r.Context(), index)
	if errors.Is(err, ledger.ErrNotFound) {
		return &page.Problem{Status: http.StatusNotFound, Key: "record.problem.none"}
	}
	if err != nil {
		return err
	}
	head := b.ledger.Head(r.Context())
	v := entryView{
		Index: int(index), At: when(r, e.Leaf.At), Size: int(head.Size), Leaf: e.Leaf, LeafText: string(e.Bytes),
		Sealed: e.Sealed(), Notice: e.Notice, Target: r.Base(), Proof: fmt.Sprintf("/log/entry/%d", index),
	}
	if v.Title, v.Address, err = b.title(r, e.Leaf.Subject); err != nil {
		return err
	}
	if e.Notice != nil {
		v.WithdrawnAt = when(r, e.Notice.At)
	}
	if e.Text != nil {
		v.Salt = base64.StdEncoding.EncodeToString(e.Salt)
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, e.Text, "", "  "); err != nil {
			return fmt.Errorf("showing the text of entry %d: %w", index, err)
		}
		v.Text = pretty.String()
	}
	history, err := b.ledger.Of(r.Context(), e.Leaf.Subject)
	if err != nil {
		return err
	}
	for _, h := range history {
		if h.Index != ledger.Pending && h.Index != index {
			v.History = append(v.History, lineView{Number: int(h.Index), Path: entryPath(h.Index), Type: h.Leaf.Type, At: when(r, h.Leaf.At)})
		}
	}
	places, err := b.ledger.Indexes(r.Context(), e.Leaf.Cites)
	if err != nil {
		return err
	}
	for _, id := range e.Leaf.Cites {
		if at, ok := places[id]; ok {
			v.Cites = append(v.Cites, lineView{Number: int(at), Path: entryPath(at)})
		}
	}
	if index > 0 {
		v.Previous = entryPath(index - 1)
	}
	if index+1 < head.Size {
		v.Next = entryPath(index + 1)
	}
	return b.entry.Render(w, r, v)
}
