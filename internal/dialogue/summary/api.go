package summary

import (
	"net/http"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
	"rostrum.example/internal/text"
)

// apiSummary is a published summary for programs; docs/formats/summary.md says what its fields are.
type apiSummary struct {
	Dialogue  dialogue.ID   `json:"dialogue"`
	Sample    bool          `json:"sample"`
	Version   int           `json:"version"`
	Published string        `json:"published"`
	Note      string        `json:"note,omitempty"`
	Lang      locale.Lang   `json:"lang"`
	Langs     []locale.Lang `json:"langs"`
	Title     text.Words    `json:"title"`
	Signed    []Signed      `json:"signed"`
	Entry     apiEntry      `json:"entry"`
	// Paragraphs are all blocks in reading order, Points those of them that are points or recommendations.
	Paragraphs []apiBlock   `json:"paragraphs"`
	Points     []apiBlock   `json:"points"`
	Coverage   apiAccount   `json:"coverage"`
	Versions   []apiRelease `json:"versions"`
}

// apiEntry names an entry of the record; index is null while it is being entered.
type apiEntry struct {
	ID    ledger.ID `json:"id"`
	Index *int64    `json:"index"`
}

type apiBlock struct {
	Number  int        `json:"number"`
	Heading text.Words `json:"heading,omitempty"`
	Body
	Entry apiEntry `json:"entry"`
}

type apiAccount struct {
	Account
	Entry apiEntry `json:"entry"`
}

type apiRelease struct {
	Version   int       `json:"version"`
	Published string    `json:"published"`
	Entry     ledger.ID `json:"entry"`
}

// ShowAPI gives the newest published version.
func (room *Room) ShowAPI(w http.ResponseWriter, r *page.Request) error {
	id := dialogueOf(r)
	p, all, err := room.look(r, id, newest)
	if err != nil {
		return err
	}
	places, err := room.places(r, p)
	if err != nil {
		return err
	}
	entry := func(id ledger.ID) apiEntry {
		e := apiEntry{ID: id}
		if index, ok := places[id]; ok && index >= 0 {
			e.Index = &index
		}
		return e
	}
	out := apiSummary{
		Dialogue: id, Sample: p.Whole.Sample, Version: p.Number, Published: p.Published.UTC().Format(time.RFC3339), Note: p.Whole.Note,
		Lang: p.Whole.Lang, Langs: p.Whole.Langs, Title: p.Whole.Title, Signed: p.Whole.Signed, Entry: entry(p.Entry),
		Paragraphs: []apiBlock{}, Points: []apiBlock{}, Coverage: apiAccount{p.Account, entry(p.AccountEntry)}, Versions: []apiRelease{},
	}
	i := 0
	for _, s := range p.Whole.Sections {
		for range s.Blocks {
			b := p.Blocks[i]
			i++
			if b.Body.Citations == nil {
				b.Body.Citations = []Quotation{}
			}
			one := apiBlock{b.Number, s.Heading, b.Body, entry(b.Entry)}
			out.Paragraphs = append(out.Paragraphs, one)
			if b.Body.Kind != Paragraph {
				out.Points = append(out.Points, one)
			}
		}
	}
	for _, v := range all {
		out.Versions = append(out.Versions, apiRelease{v.Number, v.Published.UTC().Format(time.RFC3339), v.Entry})
	}
	return page.JSON(w, http.StatusOK, out)
}

// look reads a published version and the list of all.
func (room *Room) look(r *page.Request, id dialogue.ID, number int) (p *Publication, all []Release, err error) {
	err = room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p, err = room.Publication(tx, id, number); err != nil {
			return err
		}
		all, err = room.Releases(tx, id)
		return err
	})
	return p, all, notFound(err)
}

// places looks up where the entries of a version stand in the record.
func (room *Room) places(r *page.Request, p *Publication) (map[ledger.ID]int64, error) {
	ids := []ledger.ID{p.Entry, p.AccountEntry}
	for _, b := range p.Blocks {
		ids = append(ids, b.Entry)
	}
	return room.o.Ledger.Indexes(r.Context(), ids)
}

func dialogueOf(r *page.Request) dialogue.ID { return dialogue.ID(r.PathValue("dialogue")) }
