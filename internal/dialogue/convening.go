package dialogue

import (
	"net/http"

	"rostrum.example/internal/page"
)

// Upcoming is what the home page says of a dialogue that lies ahead, in the reader's language.
type Upcoming struct {
	Path, Title, Days, Place, State string
	Sample                          bool
	// CallPath leads to the call that people can answer now, until Deadline; empty for none.
	CallPath string
	Deadline page.When
}

// Convening is whoever convenes dialogues on this instance; app connects it.
type Convening interface {
	// Upcoming lists the dialogues that lie ahead, the nearest first.
	Upcoming(r *page.Request) ([]Upcoming, error)
	// ShowDialogue shows a dialogue that is not in the published record yet, or answers an error of its own.
	ShowDialogue(w http.ResponseWriter, r *page.Request, id ID) error
}

// Convene connects the wing with whoever convenes.
func (w *Wing) Convene(c Convening) { w.convening = c }

// Summarise has a handler answer programs for summaries of dialogues that are not in the published record.
func (w *Wing) Summarise(h page.Handler) { w.summaries = h }
