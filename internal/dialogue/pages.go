package dialogue

import (
	"embed"
	"fmt"

	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
)

//go:embed templates/*.html
var templates embed.FS

// Catalogue holds the wing's words.
//
//go:embed catalogue
var Catalogue embed.FS

// Wing is the dialogue wing, seated in an instance.
type Wing struct {
	shelf      *shelf
	ledger     *ledger.Ledger
	vocabulary *Vocabulary
	catalogues *locale.Catalogues

	home     *page.Page[homeView]
	timeline *page.Page[timelineView]
	dialogue *page.Page[dialogueView]
	point    *page.Page[pointView]
	trace    *page.Page[traceView]
	sources  *page.Page[sourcesView]
	source   *page.Page[sourceDetailView]
}

// New makes the wing for one tenant.
func New(db *store.DB, org store.Org, l *ledger.Ledger, v *Vocabulary, c *locale.Catalogues) *Wing {
	return &Wing{shelf: &shelf{db: db, org: org}, ledger: l, vocabulary: v, catalogues: c}
}

// Seat adds the wing's pages and interfaces to the site.
func (w *Wing) Seat(s *page.Site) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("seating the dialogues: %w", err)
		}
	}()
	if w.home, err = page.Parse[homeView](s, templates, "home", "parts"); err != nil {
		return err
	}
	if w.timeline, err = page.Parse[timelineView](s, templates, "timeline", "parts"); err != nil {
		return err
	}
	if w.dialogue, err = page.Parse[dialogueView](s, templates, "dialogue", "parts"); err != nil {
		return err
	}
	if w.point, err = page.Parse[pointView](s, templates, "point", "parts"); err != nil {
		return err
	}
	if w.trace, err = page.Parse[traceView](s, templates, "trace", "parts"); err != nil {
		return err
	}
	if w.sources, err = page.Parse[sourcesView](s, templates, "sources", "parts"); err != nil {
		return err
	}
	if w.source, err = page.Parse[sourceDetailView](s, templates, "source", "parts"); err != nil {
		return err
	}
	s.Public("GET /{$}", w.showHome)
	s.Public("GET /dialogues", w.showTimeline)
	s.Public("GET /dialogues/{dialogue}", w.showDialogue)
	s.Public("GET /dialogues/{dialogue}/points/{item}", w.showPoint)
	s.Public("GET /dialogues/{dialogue}/points/{item}/trace", w.showTrace)
	s.Public("GET /sources", w.showSources)
	s.Public("GET /sources/{source}", w.showSource)
	s.Navigate(page.NavItem{Key: "nav.became", Path: "/dialogues"}, page.NavItem{Key: "nav.sources", Path: "/sources"})
	w.serveAPI(s)
	return nil
}
