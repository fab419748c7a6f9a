package summary

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/store"
	"rostrum.example/internal/text"
)

// VerifyPublished checks every published summary against the public record: that the pages show what its entries hold,
// and that every quotation stands in the entry that it cites. Quotations of a text that was withdrawn since are passed
// over: the record says when and why.
func VerifyPublished(ctx context.Context, db *store.DB, org store.Org) ([]ledger.Failure, error) {
	type row struct{ name, body string }
	shown := map[ledger.ID]row{}
	err := db.Read(ctx, func(tx *store.Tx) error {
		clear(shown)
		return each(tx, func(r *sql.Rows) error {
			var name, body string
			var entry ledger.ID
			err := r.Scan(&name, &entry, &body)
			shown[entry] = row{name, body}
			return err
		}, bodiesQuery, string(org), string(org), string(org))
	})
	if err != nil {
		return nil, fmt.Errorf("reading the published summaries: %w", err)
	}
	type quoted struct {
		in  string
		sel text.Selector
	}
	wanted := map[ledger.ID][]quoted{}
	for _, s := range shown {
		var b Body
		if json.Unmarshal([]byte(s.body), &b) != nil {
			continue // differs from the record, or its entry is damaged: said below
		}
		for _, q := range b.Citations {
			wanted[q.Entry] = append(wanted[q.Entry], quoted{s.name, q.Selector.Selector})
		}
	}
	var failures []ledger.Failure
	left := map[ledger.ID]string{}
	for id, s := range shown {
		left[id] = s.name
	}
	err = ledger.EachText(ctx, db, func(index int64, id ledger.ID, body []byte) {
		if s, ok := shown[id]; ok {
			if s.body != string(body) {
				failures = append(failures, ledger.Failure{Entry: index, Problem: "the pages show other words of the summary of " + s.name + " than the record holds"})
			}
			delete(left, id)
		}
		for _, q := range wanted[id] {
			if _, ok := within(body, q.sel); !ok {
				failures = append(failures, ledger.Failure{Entry: index, Problem: fmt.Sprintf("the summary of %s quotes %q, which does not stand in this entry", q.in, short(q.sel.Exact, 80))})
			}
		}
		delete(wanted, id)
		var notice struct {
			Withdraws ledger.ID `json:"withdraws"`
		}
		if json.Unmarshal(body, &notice) == nil && notice.Withdraws != "" {
			delete(wanted, notice.Withdraws)
			delete(left, notice.Withdraws)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("reading the published summaries: %w", err)
	}
	for _, name := range left {
		failures = append(failures, ledger.Failure{Entry: -1, Problem: "the pages show the summary of " + name + ", which the record does not hold"})
	}
	for id, all := range wanted {
		failures = append(failures, ledger.Failure{Entry: -1, Problem: fmt.Sprintf("the summary of %s quotes entry %s, which the record does not hold", all[0].in, id)})
	}
	slices.SortFunc(failures, func(a, b ledger.Failure) int {
		if a.Entry != b.Entry {
			return int(a.Entry - b.Entry)
		}
		return strings.Compare(a.Problem, b.Problem)
	})
	return failures, nil
}

// Trace is what a published point rests on and what was left out beside it.
type Trace struct {
	Dialogue dialogue.ID
	Block    PublishedBlock
	// Version is the published version of the summary.
	Version int
	Sample  bool
	Quotes  []Traced
	// Left are the sources that speak to the same need and are not reflected, with the reason; their words stand in the
	// account's entry at Says.
	Left         []LeftOut
	AccountEntry ledger.ID
}

// Traced is a quotation with the place where it stands in its entry.
type Traced struct {
	Quotation
	// Says is where the words stand in the entry of the block, Within the string of the cited entry that holds them
	// ("paragraphs.3"); empty where the passage goes over several, or the text was withdrawn.
	Says, Within string
	Withdrawn    bool
}

// LeftOut is a source that a summary does not reflect.
type LeftOut struct {
	Source string
	Who    Who
	Lang   locale.Lang
	Reason text.Words
	Says   string // of the reason, without the language: "sources.3.reason"
}

// Trace gives what a published point rests on; ErrNotFound where there is none.
func (room *Room) Trace(ctx context.Context, id dialogue.ID, block text.BlockID) (*Trace, error) {
	var p *Publication
	err := room.o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		p, err = room.Publication(tx, id, newest)
		return err
	})
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(p.Blocks, func(b PublishedBlock) bool { return b.ID == block })
	if i < 0 {
		return nil, ErrNotFound
	}
	t := &Trace{Dialogue: id, Block: p.Blocks[i], Version: p.Number, Sample: p.Whole.Sample, AccountEntry: p.AccountEntry}
	for k, q := range t.Block.Body.Citations {
		one := Traced{Quotation: q, Says: fmt.Sprintf("citations.%d.selector.exact", k)}
		e, err := room.o.Ledger.ByID(ctx, q.Entry)
		if err != nil {
			return nil, fmt.Errorf("reading what %s quotes: %w", block, err)
		}
		if one.Withdrawn = e.Notice != nil; !one.Withdrawn {
			one.Within, _ = within(e.Text, q.Selector.Selector)
		}
		t.Quotes = append(t.Quotes, one)
	}
	for k, s := range p.Account.Sources {
		if s.Fate != text.Reflected && slices.Contains(s.Needs, t.Block.Body.Need) {
			t.Left = append(t.Left, LeftOut{s.Source, s.Who, s.Lang, s.Reason, fmt.Sprintf("sources.%d.reason", k)})
		}
	}
	return t, nil
}

// Citation tells where an input went: a paragraph of a published summary that quotes it.
type Citation struct {
	Path   string
	Number int
	Quote  string
	Text   text.Words
	Lang   locale.Lang
}

// Citations lists where the newest summary of a dialogue quotes a source; where it does not, left says why.
func (room *Room) Citations(tx *store.Tx, id dialogue.ID, source string) (quoted []Citation, left text.Words, err error) {
	p, err := room.Publication(tx, id, newest)
	if err == ErrNotFound {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	for _, b := range p.Blocks {
		for _, q := range b.Body.Citations {
			if q.Source == source {
				quoted = append(quoted, Citation{fmt.Sprintf("%s#b-%s", Path(id), b.ID), b.Number, q.Selector.Exact, b.Body.Text, b.Body.Lang})
			}
		}
	}
	for _, s := range p.Account.Sources {
		if s.Source == source {
			left = s.Reason
		}
	}
	return quoted, left, nil
}
