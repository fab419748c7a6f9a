package summary

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
	"rostrum.example/internal/text"
)

// ready tells what keeps a draft from being published: errors, sources that nobody accounts for, and nothing to publish.
type ready struct {
	Errors, Warnings []text.Finding
	Account          text.Coverage
	Blocks           int
}

func (room *Room) ready(d *draft) ready {
	r := ready{Account: room.cover(d)}
	for _, f := range room.lint(d, d.doc()) {
		if f.Severity == text.Error {
			r.Errors = append(r.Errors, f)
		} else {
			r.Warnings = append(r.Warnings, f)
		}
	}
	d.doc().Each(func(*text.Section, *text.Block) bool {
		r.Blocks++
		return true
	})
	return r
}

func (r *ready) ok() bool {
	return len(r.Errors) == 0 && r.Account.Complete() && r.Blocks > 0
}

// Sign has the Chair stand behind a version of the text.
func (room *Room) Sign(ctx context.Context, actor party.Actor, id dialogue.ID, version int) error {
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		held, err := room.o.Dialogue(tx, id)
		if err != nil {
			return err
		}
		if err := party.Allow(actor, party.PublishSummary, held.scope()); err != nil {
			return err
		}
		s, err := room.summary(tx, id)
		if err != nil {
			return notFound(err)
		}
		return room.sign(tx, s, version, actor)
	})
}

func (room *Room) sign(tx *store.Tx, s summary, version int, actor party.Actor) error {
	_, err := room.texts.Sign(tx, s.Doc, version, text.Author{Person: actor.Person, Name: actor.Name}, string(party.Chair))
	if errors.Is(err, text.ErrSigned) {
		return nil
	}
	return explainText(err)
}

// Publish has the Chair sign the draft as of edit and publishes it: the blocks that are new or say something else than
// before, the coverage account, and the whole, which cites the version before. All of it is kept or nothing.
func (room *Room) Publish(ctx context.Context, actor party.Actor, id dialogue.ID, edit int, note string) (*Publication, error) {
	note, err := line("note", note, maxReason)
	if err != nil {
		return nil, err
	}
	seen, err := room.open(ctx, id)
	if err != nil {
		return nil, err
	}
	if !seen.begun() {
		return nil, page.NotFound()
	}
	if err := party.Allow(actor, party.PublishSummary, seen.scope()); err != nil {
		return nil, err
	}
	if seen.Edit != edit {
		return nil, moved()
	}
	if r := room.ready(seen); !r.ok() {
		return nil, notReady(r)
	}
	if err := room.checkEntries(ctx, seen); err != nil {
		return nil, err
	}
	var p *Publication
	err = room.o.DB.Write(ctx, func(tx *store.Tx) error {
		d := &draft{quotable: seen.quotable}
		if err := room.read(tx, id, d); err != nil {
			return err
		}
		if !d.Open {
			return problem(http.StatusConflict, "summary.problem.closed")
		}
		if d.Edit != edit {
			return moved()
		}
		r := room.ready(d) // again: what was said may have changed since
		if !r.ok() {
			return notReady(r)
		}
		if d.Published > 0 && note == "" {
			return invalid("note", "summary.problem.note")
		}
		p, err = room.publish(tx, d, r, note, actor)
		return err
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

func notReady(r ready) error {
	return problem(http.StatusConflict, "summary.problem.notready", "Errors", len(r.Errors), "Unaccounted", r.Account.All.Unaccounted)
}

// checkEntries holds every quotation against the text of its entry in the record, as others will do it.
func (room *Room) checkEntries(ctx context.Context, d *draft) error {
	texts := map[ledger.ID][]byte{}
	var failed error
	d.doc().Each(func(_ *text.Section, b *text.Block) bool {
		for _, q := range b.Citations {
			body, known := texts[q.Entry]
			if !known {
				e, err := room.o.Ledger.ByID(ctx, q.Entry)
				if err != nil && !errors.Is(err, ledger.ErrNotFound) {
					failed = err
					return false
				}
				if err == nil {
					body = e.Text
				}
				texts[q.Entry] = body
			}
			if _, ok := within(body, q.Quote); !ok {
				failed = problem(http.StatusConflict, "summary.problem.entry", "Quote", short(q.Quote.Exact, 80))
				return false
			}
		}
		return true
	})
	return failed
}

func (room *Room) publish(tx *store.Tx, d *draft, r ready, note string, actor party.Actor) (*Publication, error) {
	fixed, err := room.texts.Fix(tx, d.Doc, d.Edit, note, actor.Person)
	if err != nil {
		return nil, explainText(err)
	}
	if err := room.sign(tx, d.summary, fixed.Number, actor); err != nil {
		return nil, err
	}
	now, number := room.o.Clock(), d.Published+1
	p := &Publication{Release: Release{Number: number, Version: fixed.Number, Published: store.Time(micros(now))}}
	before, former := map[text.BlockID]PublishedBlock{}, ledger.ID("")
	if d.Published > 0 {
		last, err := room.Publication(tx, d.id(), d.Published)
		if err != nil {
			return nil, err
		}
		former = last.Entry
		if before, err = room.blocksAt(tx, d.id(), d.Published); err != nil {
			return nil, err
		}
	}
	p.Whole = Whole{Dialogue: d.id(), Sample: d.Sample, Version: number, Lang: d.Lang, Langs: d.Langs, Title: d.published(d.Draft.Title), Note: note}
	var points []PublishedPoint
	for _, s := range d.Sections {
		part := Part{Need: s.Topic, Heading: d.published(s.Heading), Blocks: []Placed{}}
		for i := range s.Blocks {
			b := &s.Blocks[i]
			was, known := before[b.ID]
			one := PublishedBlock{ID: b.ID, Number: len(p.Blocks) + 1, Body: d.body(b, s.Topic)}
			one.Body.Version = was.Body.Version
			point := d.point(b, s.Topic, number)
			if point.Changed = !known || !same(one.Body, was.Body); point.Changed {
				one.Body.Version++
				cites := point.Cites
				if point.Former = was.Entry; known {
					cites = append([]ledger.ID{was.Entry}, cites...)
				}
				if one.Entry, err = room.enter(tx, blockType, Subject(d.id(), b.ID), one.Body, now, cites); err != nil {
					return nil, err
				}
				if err := room.keepBlock(tx, d.id(), number, one); err != nil {
					return nil, err
				}
			} else {
				one.Entry = was.Entry
			}
			point.Entry = one.Entry
			if k := KindOf(b); k != Paragraph {
				points = append(points, point)
			}
			part.Blocks = append(part.Blocks, Placed{b.ID, one.Number, one.Entry})
			p.Blocks = append(p.Blocks, one)
		}
		if len(part.Blocks) > 0 {
			p.Whole.Sections = append(p.Whole.Sections, part)
		}
	}
	if p.Whole.Signed, err = room.signed(tx, d.Doc, fixed.Number); err != nil {
		return nil, err
	}
	p.Account = d.account(r.Account, p.Blocks, number)
	if p.AccountEntry, err = room.enter(tx, accountType, Subject(d.id(), accountSubject), p.Account, now, nil); err != nil {
		return nil, err
	}
	p.Whole.Account = p.AccountEntry
	cites := []ledger.ID{p.AccountEntry}
	if former != "" {
		cites = append(cites, former)
	}
	if p.Entry, err = room.enter(tx, wholeType, Prefix+"/"+string(d.id()), p.Whole, now, cites); err != nil {
		return nil, err
	}
	if err := room.keepPublication(tx, p, actor.Person); err != nil {
		return nil, err
	}
	if room.o.Published != nil {
		if err := room.o.Published(tx, points); err != nil {
			return nil, fmt.Errorf("handing on what was published: %w", err)
		}
	}
	return p, nil
}

// same tells whether two texts of a block say the same.
func same(a, b Body) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

// enter makes something an entry of the record.
func (room *Room) enter(tx *store.Tx, kind, subject string, body any, now time.Time, cites []ledger.ID) (ledger.ID, error) {
	line, err := json.Marshal(body)
	if err != nil {
		return "", err
	}
	id, err := room.o.Ledger.Enter(tx, ledger.Entry{Org: room.o.Org, Type: kind, Subject: subject, At: at(now), Text: line, Cites: cites})
	if errors.Is(err, ledger.ErrInvalid) && len(line) > ledger.MaxText {
		return "", problem(http.StatusConflict, "summary.problem.large")
	}
	return id, err
}

func (room *Room) keepBlock(tx *store.Tx, id dialogue.ID, number int, b PublishedBlock) error {
	line, err := json.Marshal(b.Body)
	if err != nil {
		return err
	}
	_, err = tx.Exec(blockKeep, string(room.o.Org), string(id), string(b.ID), number, string(b.Entry), string(line))
	return err
}

func (room *Room) keepPublication(tx *store.Tx, p *Publication, who party.PersonID) error {
	whole, err := json.Marshal(p.Whole)
	if err != nil {
		return err
	}
	account, err := json.Marshal(p.Account)
	if err != nil {
		return err
	}
	org, id := string(room.o.Org), string(p.Whole.Dialogue)
	_, err = tx.Exec(versionKeep, org, id, p.Number, p.Version, micros(p.Published), string(who), string(p.Entry), string(whole), string(p.AccountEntry), string(account))
	if err != nil {
		return err
	}
	_, err = tx.Exec(summaryPublish, p.Number, org, id)
	return err
}

func (room *Room) signed(tx *store.Tx, doc text.DocumentID, version int) ([]Signed, error) {
	all, err := room.texts.Signatures(tx, doc)
	if err != nil {
		return nil, err
	}
	var signed []Signed
	for _, s := range all {
		if s.Version == version && s.Withdrawn.IsZero() {
			signed = append(signed, Signed{s.Capacity, at(s.At)})
		}
	}
	return signed, nil
}

// published gives words as they are published: the Chair stands behind the text in its own language, and what translates
// it is official only where somebody says so.
func (d *draft) published(w text.Words) text.Words {
	out := text.Words{}
	for lang, one := range w {
		if one.Text == "" {
			continue
		}
		one.Of = ""
		switch {
		case lang == d.Lang:
			one.Status = text.Official
		case one.Status == text.Editors || one.Status == "" || w.Behind(lang, d.Lang) && one.Status == text.Official:
			one.Status = text.Unofficial
		}
		out[lang] = one
	}
	return out
}

// body is the text of a block's entry, without its version.
func (d *draft) body(b *text.Block, need string) Body {
	out := Body{Dialogue: d.id(), Block: b.ID, Sample: d.Sample, Kind: KindOf(b), Need: need, Lang: d.Lang, Text: d.published(b.Text)}
	for _, t := range b.Topics {
		if t != mainTopic {
			out.Topics = append(out.Topics, t)
		}
	}
	if b.Asks != nil {
		asks := text.Asks{Actor: d.published(b.Asks.Actor), Measure: d.published(b.Asks.Measure), Date: b.Asks.Date}
		if len(asks.Actor) == 0 {
			asks.Actor = nil
		}
		if len(asks.Measure) == 0 {
			asks.Measure = nil
		}
		if asks.Actor != nil || asks.Measure != nil || asks.Date != "" {
			out.Asks = &asks
		}
	}
	for _, q := range b.Citations {
		one := Quotation{
			Entry: q.Entry, Source: q.Source, Version: q.Version, Lang: q.Lang,
			Selector: Selector{"TextQuoteSelector", q.Quote},
		}
		if s := d.source[q.Source]; s != nil {
			one.Who = Who{Name: s.Who, Type: s.Category, Region: s.Region, Path: s.Path}
			if t := s.Of(q.Entry); t != nil {
				one.Status = t.Status
			}
		} else {
			found := d.quotable[q.Entry]
			one.Who = Who{Title: found.Title, Path: found.Path}
		}
		out.Citations = append(out.Citations, one)
	}
	return out
}

// point is a block for whoever follows it up, without its entries.
func (d *draft) point(b *text.Block, need string, number int) PublishedPoint {
	body := d.body(b, need)
	p := PublishedPoint{
		Dialogue: d.id(), Block: b.ID, Subject: Subject(d.id(), b.ID), Kind: body.Kind, Need: need, Text: body.Text, Asks: body.Asks,
		Number: number, Sample: d.Sample,
	}
	for _, q := range b.Citations {
		if !slices.Contains(p.Cites, q.Entry) {
			p.Cites = append(p.Cites, q.Entry)
		}
		if !slices.Contains(p.Sources, q.Source) {
			p.Sources = append(p.Sources, q.Source)
		}
	}
	return p
}

// account is the coverage account as it is published.
func (d *draft) account(c text.Coverage, blocks []PublishedBlock, number int) Account {
	places := map[text.BlockID]int{}
	for _, b := range blocks {
		places[b.ID] = b.Number
	}
	a := Account{
		Dialogue: d.id(), Sample: d.Sample, Version: number,
		All: c.All, Categories: c.Categories, Languages: c.Languages, Needs: c.Topics, Sources: []Accounted{}, Others: c.Unlisted,
	}
	for _, one := range c.Sources {
		s := d.source[one.ID]
		line := Accounted{
			Source: one.ID, Who: Who{Name: s.Who, Type: s.Category, Region: s.Region, Path: s.Path}, Lang: s.Lang, Needs: s.Needs,
			Fate: one.Fate, Words: one.Words, Quoted: one.Quoted, Reason: d.published(one.Reason),
		}
		if len(line.Reason) == 0 {
			line.Reason = nil
		}
		for _, b := range one.Blocks {
			line.Blocks = append(line.Blocks, places[b])
		}
		a.Sources = append(a.Sources, line)
	}
	return a
}

// short cuts a text at a word.
func short(s string, max int) string {
	n := 0
	for i := range s {
		if n++; n > max {
			cut := s[:i]
			if j := strings.LastIndexAny(cut, " \n"); j > len(cut)*2/3 {
				cut = cut[:j]
			}
			return cut + " …"
		}
	}
	return s
}
