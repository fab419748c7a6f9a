package summary

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
	"rostrum.example/internal/text"
)

// Begin begins the summary of a dialogue in a language, with a section for each need of the mechanism between an
// introduction and a closing one.
func (room *Room) Begin(ctx context.Context, actor party.Actor, id dialogue.ID, lang locale.Lang, others []locale.Lang) error {
	if !slices.Contains(Langs, lang) {
		return invalid("lang", "summary.problem.lang")
	}
	langs := []string{string(lang)}
	for _, l := range Langs {
		if l != lang && slices.Contains(others, l) {
			langs = append(langs, string(l))
		}
	}
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		held, err := room.o.Dialogue(tx, id)
		if err != nil {
			return err
		}
		if err := room.may(actor, held); err != nil {
			return err
		}
		if _, err := room.summary(tx, id); err == nil {
			return problem(409, "summary.problem.begun")
		} else if !errors.Is(err, ErrNotFound) {
			return err
		}
		doc := text.Document{Kind: Prefix, Lang: lang, Sample: held.Sample, Title: text.Words{}}
		for _, l := range langs {
			name, _ := held.Title.In(locale.Lang(l))
			doc.Title[locale.Lang(l)] = text.Wording{Text: room.say(locale.Lang(l), "summary.title", "Dialogue", name.Text), Status: text.Editors}
		}
		heading := func(of func(locale.Lang) string) text.Words {
			w := text.Words{}
			for _, l := range langs {
				w[locale.Lang(l)] = text.Wording{Text: of(locale.Lang(l)), Status: text.Editors}
			}
			return w
		}
		doc.Sections = append(doc.Sections, text.Section{Heading: heading(func(l locale.Lang) string { return room.say(l, "summary.section.opening") })})
		for _, need := range room.o.Needs {
			doc.Sections = append(doc.Sections, text.Section{Topic: need.ID, Heading: heading(need.In)})
		}
		doc.Sections = append(doc.Sections, text.Section{Heading: heading(func(l locale.Lang) string { return room.say(l, "summary.section.closing") })})
		made, err := room.texts.Create(tx, doc, actor.Person)
		if err != nil {
			return fmt.Errorf("beginning the summary of %s: %w", id, err)
		}
		_, err = tx.Exec(summaryKeep, string(room.o.Org), string(id), string(made.ID), strings.Join(langs, " "), micros(room.o.Clock()))
		return err
	})
}

// say gives a string in a language of the pages, in English for the others.
func (room *Room) say(lang locale.Lang, key string, pairs ...any) string {
	if !lang.Known() {
		lang = locale.English
	}
	return room.o.Catalogues.Text(lang, key, pairs...)
}

// may tells whether the actor may write the summary now.
func (room *Room) may(actor party.Actor, held Held) error {
	if err := party.Allow(actor, party.EditSummary, held.scope()); err != nil {
		return err
	}
	if !held.Open {
		return problem(409, "summary.problem.closed")
	}
	return nil
}

// edit runs one act on a draft.
func (room *Room) edit(ctx context.Context, actor party.Actor, id dialogue.ID, do func(tx *store.Tx, held Held, s summary) error) error {
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		held, err := room.o.Dialogue(tx, id)
		if err != nil {
			return err
		}
		if err := room.may(actor, held); err != nil {
			return err
		}
		s, err := room.summary(tx, id)
		if err != nil {
			return notFound(err)
		}
		return explainText(do(tx, held, s))
	})
}

// notFound says that there is nothing at this address.
func notFound(err error) error {
	if errors.Is(err, ErrNotFound) || errors.Is(err, text.ErrNotFound) {
		return page.NotFound()
	}
	return err
}

// explainText puts what texts answer into the words of this room.
func explainText(err error) error {
	var problems text.Problems
	switch {
	case errors.As(err, &problems):
		var all page.Invalids
		for _, p := range problems {
			field := p.Field
			if p.Lang != "" {
				field += "-" + string(p.Lang)
			}
			all = append(all, page.Invalid{Field: field, Key: textProblem(p.Code), Pairs: []any{"Max", p.Limit}})
		}
		return all
	case errors.Is(err, text.ErrNotFound):
		return page.NotFound()
	case errors.Is(err, text.ErrNotEmpty):
		return problem(409, "summary.problem.notempty")
	case errors.Is(err, text.ErrDecided):
		return problem(409, "summary.problem.decided")
	case errors.Is(err, text.ErrEdited):
		return moved()
	case errors.Is(err, text.ErrRoundOver):
		return problem(409, "summary.problem.over")
	}
	return err
}

// textProblem is the key of what keeps a part from being kept.
func textProblem(c text.Code) string {
	switch c {
	case text.TooLong, text.TooMany:
		return "summary.problem.toolong"
	case text.BadDate:
		return "summary.problem.date"
	}
	return "summary.problem.unreadable"
}

// SaveBlock changes a block for somebody who had it before them as of the edit basis; change is given that state. Where
// somebody else has changed the same meanwhile, the answer is a *text.Conflict.
func (room *Room) SaveBlock(ctx context.Context, actor party.Actor, id dialogue.ID, block text.BlockID, basis int, change func(*text.Block)) error {
	return room.edit(ctx, actor, id, func(tx *store.Tx, _ Held, s summary) error {
		history, err := room.texts.History(tx, s.Doc, string(block), basis+1, 1)
		if err != nil {
			return err
		}
		if len(history) == 0 {
			return text.ErrNotFound
		}
		b := history[0].Body
		b.ID, b.Text = block, maps.Clone(b.Text)
		if b.Text == nil {
			b.Text = text.Words{}
		}
		change(&b)
		_, err = room.texts.SaveBlock(tx, s.Doc, b, basis, actor.Person)
		return err
	})
}

// AddBlock puts an empty block of a kind at the end of a section, or before another.
func (room *Room) AddBlock(ctx context.Context, actor party.Actor, id dialogue.ID, section text.SectionID, before text.BlockID, k Kind) (made text.BlockID, err error) {
	if !slices.Contains(Kinds, k) {
		return "", invalid("kind", "summary.problem.kind")
	}
	err = room.edit(ctx, actor, id, func(tx *store.Tx, _ Held, s summary) error {
		b := text.Block{Text: text.Words{}}
		setKind(&b, k)
		made, err = room.texts.AddBlock(tx, s.Doc, section, before, b, actor.Person)
		return err
	})
	return made, err
}

// RemoveBlock takes a block out that somebody had before them as of the edit basis.
func (room *Room) RemoveBlock(ctx context.Context, actor party.Actor, id dialogue.ID, b text.BlockID, basis int) error {
	return room.edit(ctx, actor, id, func(tx *store.Tx, _ Held, s summary) error {
		return room.texts.RemoveBlock(tx, s.Doc, b, basis, actor.Person)
	})
}

// RestoreBlock brings a removed block back to the end of a section.
func (room *Room) RestoreBlock(ctx context.Context, actor party.Actor, id dialogue.ID, b text.BlockID, section text.SectionID) error {
	return room.edit(ctx, actor, id, func(tx *store.Tx, _ Held, s summary) error {
		return room.texts.RestoreBlock(tx, s.Doc, b, section, "", actor.Person)
	})
}

// MoveBlock moves a block by one place up or down, into the neighbouring section where it stands at the end of its own.
func (room *Room) MoveBlock(ctx context.Context, actor party.Actor, id dialogue.ID, b text.BlockID, down bool) error {
	return room.edit(ctx, actor, id, func(tx *store.Tx, _ Held, s summary) error {
		d, err := room.texts.Read(tx, s.Doc)
		if err != nil {
			return err
		}
		section, before, ok := neighbour(&d.Document, b, down)
		if !ok {
			return nil
		}
		return room.texts.MoveBlock(tx, s.Doc, b, section, before, actor.Person)
	})
}

// neighbour is the place one up or down from a block's own.
func neighbour(d *text.Document, id text.BlockID, down bool) (section text.SectionID, before text.BlockID, ok bool) {
	for i := range d.Sections {
		s := &d.Sections[i]
		at := slices.IndexFunc(s.Blocks, func(b text.Block) bool { return b.ID == id })
		switch {
		case at < 0:
		case down && at+2 < len(s.Blocks):
			return s.ID, s.Blocks[at+2].ID, true
		case down && at+1 < len(s.Blocks):
			return s.ID, "", true
		case down && i+1 < len(d.Sections):
			next := &d.Sections[i+1]
			if len(next.Blocks) > 0 {
				before = next.Blocks[0].ID
			}
			return next.ID, before, true
		case !down && at > 0:
			return s.ID, s.Blocks[at-1].ID, true
		case !down && i > 0:
			return d.Sections[i-1].ID, "", true
		}
	}
	return "", "", false
}

// SaveSection keeps the heading and the need of a section.
func (room *Room) SaveSection(ctx context.Context, actor party.Actor, id dialogue.ID, section text.Section, basis int) error {
	return room.edit(ctx, actor, id, func(tx *store.Tx, _ Held, s summary) error {
		_, err := room.texts.SaveHeading(tx, s.Doc, section, basis, actor.Person)
		return err
	})
}

// AddSection puts a new section before another, or at the end.
func (room *Room) AddSection(ctx context.Context, actor party.Actor, id dialogue.ID, section text.Section, before text.SectionID) error {
	return room.edit(ctx, actor, id, func(tx *store.Tx, _ Held, s summary) error {
		_, err := room.texts.AddSection(tx, s.Doc, section, before, actor.Person)
		return err
	})
}

// RemoveSection takes an empty section out.
func (room *Room) RemoveSection(ctx context.Context, actor party.Actor, id dialogue.ID, section text.SectionID) error {
	return room.edit(ctx, actor, id, func(tx *store.Tx, _ Held, s summary) error {
		return room.texts.RemoveSection(tx, s.Doc, section, actor.Person)
	})
}

// SaveTitle keeps the title.
func (room *Room) SaveTitle(ctx context.Context, actor party.Actor, id dialogue.ID, title text.Words, basis int) error {
	return room.edit(ctx, actor, id, func(tx *store.Tx, _ Held, s summary) error {
		_, err := room.texts.SaveTitle(tx, s.Doc, title, basis, actor.Person)
		return err
	})
}

// Omit states why a source is left out: a reason of the list, with words where it needs them.
func (room *Room) Omit(ctx context.Context, actor party.Actor, id dialogue.ID, source, reason, words string) error {
	words, err := line("words", words, maxReason)
	if !slices.Contains(Reasons, reason) {
		err = page.Collect(err, invalid("reason", "summary.problem.reason"))
	} else if reason == "other" && words == "" {
		err = page.Collect(err, invalid("words", "summary.problem.words"))
	}
	if err != nil {
		return err
	}
	return room.edit(ctx, actor, id, func(tx *store.Tx, _ Held, s summary) error {
		sources, err := room.o.Sources(tx, id)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(sources, func(one Source) bool { return one.ID == source }) {
			return page.NotFound()
		}
		d, err := room.texts.Read(tx, s.Doc)
		if err != nil {
			return err
		}
		return room.texts.Omit(tx, s.Doc, text.Omission{Source: source, Reason: room.reason(d.Lang, s.Langs, reason, words)}, actor.Person)
	})
}

// Readmit takes the omission of a source back.
func (room *Room) Readmit(ctx context.Context, actor party.Actor, id dialogue.ID, source string) error {
	return room.edit(ctx, actor, id, func(tx *store.Tx, _ Held, s summary) error {
		return room.texts.Readmit(tx, s.Doc, source, actor.Person)
	})
}

// reason puts a reason into the languages of a summary; what was added in words stands in its own alone, for nobody has
// translated it.
func (room *Room) reason(own locale.Lang, langs []locale.Lang, reason, words string) text.Words {
	w := text.Words{}
	for _, lang := range langs {
		if lang != own && (words != "" || !lang.Known()) {
			continue
		}
		s := room.say(lang, "summary.reason."+reason)
		switch {
		case reason == "other":
			s = words
		case words != "":
			s += " " + words
		}
		w[lang] = text.Wording{Text: s, Status: text.Editors}
	}
	return w
}

// reasonOf finds the reason of the list that an omission states, and the words that were added.
func (room *Room) reasonOf(d *text.Document, source string) (reason, words string) {
	for _, o := range d.Omissions {
		if o.Source != source {
			continue
		}
		said := o.Reason[d.Lang].Text
		for _, r := range Reasons {
			if rest, ok := strings.CutPrefix(said, room.say(d.Lang, "summary.reason."+r)); ok && r != "other" {
				return r, strings.TrimSpace(rest)
			}
		}
		return "other", said
	}
	return "", ""
}

// Cite has a block rest on a passage of a text. The passage is named by a selector; space and direction marks in it need
// not be exact, and what is kept is the passage as it stands, with as much around it as tells it apart.
func (room *Room) Cite(ctx context.Context, actor party.Actor, id dialogue.ID, b text.BlockID, source string, entry ledger.ID, sel text.Selector) error {
	q, err := room.quotation(ctx, id, source, entry, sel)
	if err != nil {
		return err
	}
	return room.edit(ctx, actor, id, func(tx *store.Tx, _ Held, s summary) error { return room.cite(tx, s, b, q, actor.Person) })
}

// CiteAnew makes a block of a kind at the end of a section that rests on a passage.
func (room *Room) CiteAnew(ctx context.Context, actor party.Actor, id dialogue.ID, section text.SectionID, k Kind, source string, entry ledger.ID, sel text.Selector) (made text.BlockID, err error) {
	q, err := room.quotation(ctx, id, source, entry, sel)
	if err != nil {
		return "", err
	}
	err = room.edit(ctx, actor, id, func(tx *store.Tx, _ Held, s summary) error {
		b := text.Block{Text: text.Words{}, Citations: []text.Citation{q}}
		setKind(&b, k)
		made, err = room.texts.AddBlock(tx, s.Doc, section, "", b, actor.Person)
		if err != nil {
			return err
		}
		return room.readmitted(tx, s, source, actor.Person)
	})
	return made, err
}

func (room *Room) cite(tx *store.Tx, s summary, id text.BlockID, q text.Citation, by party.PersonID) error {
	d, err := room.texts.Read(tx, s.Doc)
	if err != nil {
		return err
	}
	b, _ := d.Block(id)
	if b == nil {
		return text.ErrNotFound
	}
	if slices.ContainsFunc(b.Citations, func(o text.Citation) bool { o.ID = ""; return o == q }) {
		return invalid("exact", "summary.problem.cited")
	}
	next := *b
	next.Citations = append(slices.Clone(b.Citations), q)
	if _, err := room.texts.SaveBlock(tx, s.Doc, next, d.Stamps[string(id)].Edit, by); err != nil {
		return err
	}
	return room.readmitted(tx, s, q.Source, by)
}

// readmitted takes the omission of a source back that is cited from now on.
func (room *Room) readmitted(tx *store.Tx, s summary, source string, by party.PersonID) error {
	err := room.texts.Readmit(tx, s.Doc, source, by)
	if errors.Is(err, text.ErrNotFound) {
		return nil
	}
	return err
}

// Uncite takes a citation off a block.
func (room *Room) Uncite(ctx context.Context, actor party.Actor, id dialogue.ID, block text.BlockID, which text.CitationID) error {
	return room.edit(ctx, actor, id, func(tx *store.Tx, _ Held, s summary) error {
		d, err := room.texts.Read(tx, s.Doc)
		if err != nil {
			return err
		}
		b, _ := d.Block(block)
		if b == nil {
			return text.ErrNotFound
		}
		next := *b
		next.Citations = slices.DeleteFunc(slices.Clone(b.Citations), func(q text.Citation) bool { return q.ID == which })
		if len(next.Citations) == len(b.Citations) {
			return text.ErrNotFound
		}
		_, err = room.texts.SaveBlock(tx, s.Doc, next, d.Stamps[string(block)].Edit, actor.Person)
		return err
	})
}

// misquoted says what a source has in place of words that do not stand in it.
type misquoted struct {
	page.Invalids
	// near is what stands there; places are what an ambiguous passage may mean, with the words around each.
	near   *text.Selector
	places []text.Selector
}

func (m *misquoted) Error() string { return m.Invalids.Error() }
func (m *misquoted) Unwrap() error { return m.Invalids }

// quotation looks a passage up where it is said to stand.
func (room *Room) quotation(ctx context.Context, id dialogue.ID, source string, entry ledger.ID, sel text.Selector) (text.Citation, error) {
	var q text.Citation
	body := ""
	err := room.o.DB.Read(ctx, func(tx *store.Tx) error {
		all, err := room.o.Sources(tx, id)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(all, func(s Source) bool { return s.ID == source }); i >= 0 {
			if t := all[i].Of(entry); t != nil {
				q, body = text.Citation{Entry: entry, Source: source, Version: t.Version, Lang: t.Lang}, t.Text
			}
		}
		return nil
	})
	if err != nil {
		return q, err
	}
	if q.Entry == "" {
		found, err := room.citable(ctx, entry)
		if err != nil {
			return q, err
		}
		switch {
		case errors.Is(found.err, text.ErrSourceWithdrawn):
			return q, invalid("entry", "summary.problem.withdrawn")
		case found.err != nil:
			return q, invalid("entry", "summary.problem.noentry")
		case found.Gist:
			return q, invalid("entry", "summary.problem.gist")
		}
		q, body = text.Citation{Entry: entry, Source: found.Subject, Version: found.Version, Lang: locale.Of(ctx)}, found.Cited.Text
	}
	sel.Exact = strings.TrimSpace(sel.Exact)
	if sel.Exact == "" {
		return q, invalid("exact", "summary.problem.exact")
	}
	m := text.Find(body, sel)
	if m.Outcome == text.NotFound && (sel.Prefix != "" || sel.Suffix != "") {
		m = text.Find(body, text.Selector{Exact: sel.Exact})
	}
	switch m.Outcome {
	case text.NotFound:
		wrong := &misquoted{Invalids: invalid("exact", "summary.problem.notfound")}
		if m.Near != nil {
			if near, err := text.Select(body, *m.Near); err == nil {
				wrong.near = &near
			}
		}
		return q, wrong
	case text.Ambiguous:
		wrong := &misquoted{Invalids: invalid("exact", "summary.problem.ambiguous", "N", len(m.Places))}
		for _, p := range m.Places {
			if one, err := text.Select(body, p); err == nil {
				wrong.places = append(wrong.places, one)
			}
		}
		return q, wrong
	}
	q.Quote, err = text.Select(body, m.Passage)
	switch {
	case errors.Is(err, text.ErrLongSelection):
		return q, invalid("exact", "summary.problem.toolong", "Max", text.MaxQuote)
	case err != nil:
		return q, invalid("exact", "summary.problem.exact")
	}
	return q, nil
}
