package summary

import (
	"cmp"
	"crypto/sha256"
	"slices"

	"rostrum.example/internal/ledger"
	"rostrum.example/internal/text"
)

// quoteKey names a quotation: a selector in the text of an entry, which never changes.
type quoteKey struct {
	entry ledger.ID
	quote [sha256.Size]byte
}

func keyOfQuote(q text.Citation) quoteKey {
	return quoteKey{q.Entry, sha256.Sum256([]byte(q.Quote.Exact + "\x00" + q.Quote.Prefix + "\x00" + q.Quote.Suffix))}
}

// maxQuotes bounds what the room remembers of quotations.
const maxQuotes = 20_000

// stands tells whether a quotation stands in its text. What was found once is not looked for again.
func (room *Room) stands(q text.Citation, body string) bool {
	key := keyOfQuote(q)
	room.mu.Lock()
	known := room.quotes[key]
	room.mu.Unlock()
	if known {
		return true
	}
	if text.Find(body, q.Quote).Outcome != text.Found {
		return false
	}
	room.mu.Lock()
	defer room.mu.Unlock()
	if len(room.quotes) >= maxQuotes {
		clear(room.quotes)
	}
	room.quotes[key] = true
	return true
}

// lint looks for what is wrong with a draft, or a part of it, in reading order. Nobody but the Chair answers for a
// summary, so blocks need no owner.
func (room *Room) lint(d *draft, doc *text.Document) []text.Finding {
	// The text's own lints look at everything but the quotations, which are looked at one by one behind it.
	found := slices.DeleteFunc(text.Lint(doc, d.Langs, func(text.Citation) (text.Quotable, error) { return text.Quotable{Gist: true}, nil }),
		func(f text.Finding) bool { return f.Code == text.WithoutOwner || f.Code == text.SourceNotQuotable })
	places := map[text.BlockID]int{}
	doc.Each(func(s *text.Section, b *text.Block) bool {
		places[b.ID] = len(places) + 1
		entries := map[ledger.ID]bool{}
		for _, q := range b.Citations {
			entries[q.Entry] = true
			found = append(found, room.lintQuotation(d, doc, s, b, q)...)
		}
		if len(entries) > maxCited {
			found = append(found, text.Finding{Severity: text.Error, Code: TooManyCited, Section: s.ID, Block: b.ID})
		}
		return true
	})
	last := len(places) + 1
	place := func(f text.Finding) int {
		if s := doc.Section(f.Section); f.Block == "" && s != nil && len(s.Blocks) > 0 {
			return places[s.Blocks[0].ID]
		}
		return cmp.Or(places[f.Block], last)
	}
	slices.SortStableFunc(found, func(a, b text.Finding) int { return cmp.Compare(place(a), place(b)) })
	return found
}

// lintQuotation looks whether a quotation stands where it says.
func (room *Room) lintQuotation(d *draft, doc *text.Document, s *text.Section, b *text.Block, q text.Citation) []text.Finding {
	var found []text.Finding
	if body, err := d.quoted(q); err != nil || body.Gist || !room.stands(q, body.Text) {
		one := *b
		one.Citations = []text.Citation{q}
		found = slices.DeleteFunc(text.Lint(only(doc, &one, s), nil, d.quoted), func(f text.Finding) bool { return f.Citation == "" })
	}
	if d.quotable[q.Entry].newer {
		found = append(found, text.Finding{Severity: text.Warning, Code: SourceNewer, Section: s.ID, Block: b.ID, Citation: q.ID, Source: q.Source, Lang: q.Lang})
	}
	return found
}
