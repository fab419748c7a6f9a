package app

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"rostrum.example/format/mechanism"
	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/dialogue/intervention"
	"rostrum.example/internal/dialogue/summary"
	"rostrum.example/internal/followup"
	"rostrum.example/internal/job"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
	"rostrum.example/internal/text"
)

// What was said becomes a summary, and what a summary asks is followed up: those two rooms and their ways are connected
// here.

// openSummary opens the summary and the follow-up of a house whose other rooms are open.
func (a *App) openSummary(h *house, address func() string) (err error) {
	m, r := h.mechanism, &h.rooms
	r.summary, err = summary.New(summary.Options{
		DB: a.db, Org: org, Ledger: h.ledger, Directory: h.directory, Catalogues: a.catalogues,
		Clock: a.o.Clock, Random: a.o.Random, Log: a.o.Log, Mail: sender{h.outbox},
		Address: address, Operator: h.settings.Operator, Types: parties(m).Types, Needs: needs(m),
		Dialogue: r.summarised, Dialogues: r.allSummarised, Sources: r.sources, Speakers: r.sourceSpeakers,
		Published: r.followed, Browser: summary.FindBrowser(),
	})
	if err != nil {
		return err
	}
	r.followup, err = followup.New(followup.Options{
		DB: a.db, Org: org, Ledger: h.ledger, Directory: h.directory, Catalogues: a.catalogues,
		Clock: a.o.Clock, Random: a.o.Random, Mail: sender{h.outbox},
		Address: address, Operator: func() string { return h.settings.Operator },
		Categories: parties(m).Types, Needs: needs(m),
		Dialogue: r.titled, Follows: r.before, Authors: r.authors, Countries: mentioned,
	})
	if err != nil {
		return err
	}
	r.cycle.Gate(cycle.Published, func(tx *store.Tx, d *cycle.Dialogue) error { return r.summary.Gate(tx, d.ID) })
	h.jobs.Every("summary.remind", time.Hour, job.Policy{}, func(ctx context.Context, _ *job.Job) error {
		_, err := r.summary.Remind(ctx)
		return err
	})
	h.jobs.Every("followup.tell", time.Hour, job.Policy{}, func(ctx context.Context, _ *job.Job) error {
		_, err := r.followup.TellAuthors(ctx)
		return err
	})
	return nil
}

// offerSummary names the summary and its follow-up on the pages of a dialogue.
func (r *rooms) offerSummary(_ context.Context, req *page.Request, d *cycle.Dialogue) ([]cycle.Link, error) {
	var links []cycle.Link
	add := func(path, key string, from string) {
		if r.cycle.Reached(d, from) {
			links = append(links, cycle.Link{Path: path, Text: req.Text("way." + key)})
		}
	}
	at := "/dialogues/" + string(d.ID)
	add(at+"/summary", "summary", cycle.Published)
	add(at+"/follow-up", "followup", cycle.Published)
	if strings.HasPrefix(req.Path, deskPath) {
		add(deskPath+at+"/summary", "summary.desk", cycle.SummaryDraft)
		add("/desk/deliveries/"+string(d.ID), "deliveries", cycle.Published)
	}
	return links, nil
}

func summaryOf(d *cycle.Dialogue, open bool) summary.Held {
	return summary.Held{ID: d.ID, Title: d.Title, Body: d.Body, Date: d.Ends.String(), Zone: d.Location(), Sample: d.Sample, Open: open}
}

// summarised is a dialogue as its summary must know it: written from its draft on, and corrected after it was published.
func (r *rooms) summarised(tx *store.Tx, id dialogue.ID) (summary.Held, error) {
	d, err := r.cycle.Dialogue(tx, id)
	if err != nil {
		return summary.Held{}, notConvened(err)
	}
	return summaryOf(d, r.cycle.Reached(d, cycle.SummaryDraft)), nil
}

func (r *rooms) allSummarised(tx *store.Tx) ([]summary.Held, error) {
	own, err := r.cycle.Dialogues(tx)
	if err != nil {
		return nil, err
	}
	var all []summary.Held
	for _, d := range own {
		all = append(all, summaryOf(d, r.cycle.Reached(d, cycle.SummaryDraft)))
	}
	return all, nil
}

// sources are the published inputs as a summary quotes them.
func (r *rooms) sources(tx *store.Tx, id dialogue.ID) ([]summary.Source, error) {
	inputs, err := r.input.Sources(tx, id)
	if err != nil {
		return nil, err
	}
	var all []summary.Source
	for _, in := range inputs {
		s := summary.Source{
			ID: intervention.Prefix + "/" + string(id) + "/" + string(in.ID), Path: in.Path, Spoken: in.Kind == intervention.Spoken,
			Who: in.Who.Organisation, Category: in.Who.Type, Region: in.Who.Region, Needs: in.Needs, Lang: locale.Lang(in.Lang),
		}
		for _, t := range in.Texts {
			s.Texts = append(s.Texts, summary.Text{
				Entry: t.Entry, Version: strconv.Itoa(t.Version), Lang: locale.Lang(t.Lang), Status: text.Status(t.Status), Text: t.Text,
			})
		}
		all = append(all, s)
	}
	return all, nil
}

// inputOf finds the input that a subject of the record names; nil where it is none.
func (r *rooms) inputOf(tx *store.Tx, subject string) (*intervention.Input, error) {
	parts := strings.Split(subject, "/")
	if len(parts) != 3 || parts[0] != intervention.Prefix {
		return nil, nil
	}
	in, err := r.input.Input(tx, intervention.ID(parts[2]))
	if err != nil || in.Voice == intervention.Sealed || in.Email == "" {
		return nil, err // nobody is known behind a sealed voice, and nobody is written to who left no address
	}
	return in, nil
}

// sourceSpeakers tells who can be asked for comments on a draft that quotes them.
func (r *rooms) sourceSpeakers(tx *store.Tx, source string) ([]summary.Speaker, error) {
	in, err := r.inputOf(tx, source)
	if err != nil || in == nil {
		return nil, err
	}
	s := summary.Speaker{Email: in.Email, Lang: in.Mailed, Label: in.Type}
	if in.Voice == intervention.Named {
		s.Label = in.Name
	}
	return []summary.Speaker{s}, nil
}

// followed hands published points and recommendations on to the follow-up.
func (r *rooms) followed(tx *store.Tx, points []summary.PublishedPoint) error {
	var all []followup.Point
	for i, p := range points {
		if p.Kind == summary.Paragraph {
			continue
		}
		one := followup.Point{
			ID: followup.PointID(p.Subject), Origin: string(p.Dialogue), Kind: followup.MainPoint, Need: p.Need,
			Text: followup.Words{}, Cites: append([]ledger.ID{p.Entry}, p.Cites...), Sample: p.Sample, Place: i,
		}
		if p.Kind == summary.Recommendation {
			one.Kind = followup.Recommendation
		}
		for lang, w := range p.Text {
			one.Text[lang] = followup.Wording{Text: w.Text, Status: string(w.Status)}
		}
		all = append(all, one)
	}
	return r.followup.Put(tx, all)
}

// quoted tells where an input went.
func (r *rooms) quoted(tx *store.Tx, id dialogue.ID, input intervention.ID) ([]intervention.Citation, error) {
	found, _, err := r.summary.Citations(tx, id, intervention.Prefix+"/"+string(id)+"/"+string(input))
	if err != nil {
		return nil, err
	}
	var all []intervention.Citation
	for _, c := range found {
		all = append(all, intervention.Citation{Title: c.Text[c.Lang].Text, Path: c.Path, Quote: c.Quote})
	}
	return all, nil
}

// titled names a dialogue of the published record or of this house.
func (r *rooms) titled(tx *store.Tx, id string) (followup.Words, bool, error) {
	published, err := dialogue.Openings(tx, org)
	if err != nil {
		return nil, false, err
	}
	var title dialogue.Words
	if i := slices.IndexFunc(published, func(o *dialogue.Item) bool { return string(o.Dialogue) == id }); i >= 0 {
		title = published[i].Text
	} else if d, err := r.cycle.Dialogue(tx, dialogue.ID(id)); err == nil {
		title = d.Title
	} else if err != cycle.ErrNotFound {
		return nil, false, err
	}
	words := followup.Words{}
	for lang, w := range title {
		words[lang] = followup.Wording{Text: w.Text, Status: w.Status}
	}
	return words, len(words) > 0, nil
}

// before gives the dialogue that one follows.
func (r *rooms) before(tx *store.Tx, id string) (string, error) {
	d, err := r.cycle.Dialogue(tx, dialogue.ID(id))
	if err == cycle.ErrNotFound {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return string(d.Follows), nil
}

// authors are those whose words a point rests on and who may be written to: not the unlisted, not the sealed.
func (r *rooms) authors(tx *store.Tx, cites []ledger.ID) ([]followup.Author, error) {
	own, err := r.cycle.Dialogues(tx)
	if err != nil {
		return nil, err
	}
	var all []followup.Author
	for _, d := range own {
		sources, err := r.sources(tx, d.ID)
		if err != nil {
			return nil, err
		}
		for _, s := range sources {
			if !slices.ContainsFunc(s.Texts, func(t summary.Text) bool { return slices.Contains(cites, t.Entry) }) {
				continue
			}
			in, err := r.inputOf(tx, s.ID)
			if err != nil {
				return nil, err
			}
			if in != nil && in.Voice == intervention.Named {
				all = append(all, followup.Author{Email: in.Email, Name: in.Name, Lang: in.Mailed})
			}
		}
	}
	return all, nil
}

// mentioned gives the countries that a text names.
func mentioned(words string, lang locale.Lang) []string {
	var codes []string
	for _, m := range intervention.Mentions(words, string(lang)) {
		if !slices.Contains(codes, m.Code) {
			codes = append(codes, m.Code)
		}
	}
	return codes
}

// needs are the mechanism's, by which texts are sorted.
func needs(m *mechanism.Mechanism) []party.Named {
	var all []party.Named
	for _, n := range m.Needs {
		all = append(all, named(n.ID, n.Name))
	}
	return all
}
