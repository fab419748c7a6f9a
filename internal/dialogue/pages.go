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
	convening  Convening    // nil where nothing is convened
	summaries  page.Handler // nil where none are composed

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
func (w *Wing) Seat(s *page.Site) error {
	var err error
	page.ParseInto(s, &w.home, &err, templates, "home", "parts")
	page.ParseInto(s, &w.timeline, &err, templates, "timeline", "parts")
	page.ParseInto(s, &w.dialogue, &err, templates, "dialogue", "parts")
	page.ParseInto(s, &w.point, &err, templates, "point", "parts")
	page.ParseInto(s, &w.trace, &err, templates, "trace", "parts")
	page.ParseInto(s, &w.sources, &err, templates, "sources", "parts")
	page.ParseInto(s, &w.source, &err, templates, "source", "parts")
	if err != nil {
		return fmt.Errorf("seating the dialogues: %w", err)
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
