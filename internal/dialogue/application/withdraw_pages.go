package application

import (
	"encoding/base64"
	"net/http"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// withdrawView asks what is to be withdrawn.
type withdrawView struct {
	Sample bool
	Draft  bool
	// Stand are the dialogues from which one can withdraw alone; more than one, or the whole is meant.
	Stand  []page.Choice
	Public bool
	Kept   []string // the dialogues where what was decided stays
}

// leftView says that nothing is kept any more.
type leftView struct {
	Sample bool
	Draft  bool
}

func (room *Room) showWithdraw(w http.ResponseWriter, r *page.Request, v *visit) error {
	if !v.a.Erased.IsZero() {
		return problem(http.StatusGone, "application.problem.erased")
	}
	view := withdrawView{Sample: v.a.Sample, Draft: v.a.Submitted.IsZero(), Public: v.a.Listing == Public}
	for _, m := range v.stand {
		title := room.dialogueTitle(r, v.call, m)
		if room.withdrawable(m) {
			view.Stand = append(view.Stand, page.Choice{Value: string(m.Dialogue), Text: title, Hint: room.stateName(r, m.State)})
		} else if m.State != Withdrawn {
			view.Kept = append(view.Kept, title)
		}
	}
	return room.pages.withdraw.Render(w, r, view)
}

// takeWithdraw withdraws an application for one dialogue, or as a whole; then its data are erased at once.
func (room *Room) takeWithdraw(w http.ResponseWriter, r *page.Request, v *visit) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	only := dialogue.ID(form.Get("dialogue"))
	draft := v.a.Submitted.IsZero()
	err = room.inVisit(r, v, func(tx *store.Tx, v *visit) error {
		switch {
		case !v.a.Erased.IsZero():
			return room.unlist(tx, v.a) // what the public record still says of it; nothing, where this is sent twice
		case only == "":
			return room.leave(tx, v.a)
		}
		m, err := room.Admission(tx, v.a.ID, only)
		if err != nil {
			return page.NotFound()
		}
		if m.State == Withdrawn {
			return nil
		}
		return room.withdraw(tx, v.a, m)
	})
	if err != nil {
		return err
	}
	if only != "" {
		return r.Redirect(w, "/applications?done=withdrawn")
	}
	room.forgetHere(w, r)
	return room.pages.left.Render(w, r, leftView{Sample: v.a.Sample, Draft: draft})
}

// export is everything that is kept of an application, as its applicant takes it with them.
type export struct {
	Exported    time.Time         `json:"exported"`
	ID          ID                `json:"id"`
	Call        cycle.CallID      `json:"call"`
	Sample      bool              `json:"sample,omitempty"`
	Language    locale.Lang       `json:"language"`
	Name        string            `json:"organisation"`
	Email       party.Email       `json:"email,omitempty"`
	Answers     Answers           `json:"answers"`
	Listing     Listing           `json:"listing"`
	Source      string            `json:"source"`
	Created     time.Time         `json:"created"`
	Changed     time.Time         `json:"changed"`
	Submitted   time.Time         `json:"submitted,omitzero"`
	Erases      time.Time         `json:"erased_on"`
	Admissions  []exportAdmission `json:"admissions"`
	Corrections []Correction      `json:"corrections"`
	Travel      []exportTravel    `json:"travel_requests"`
	// Sealed is the age file of the sealed answers, in base64: the program that gives it cannot open it.
	Sealed   string    `json:"sealed,omitempty"`
	SealedAt time.Time `json:"sealed_at,omitzero"`
}

type exportAdmission struct {
	Dialogue dialogue.ID  `json:"dialogue"`
	State    string       `json:"state"`
	Since    time.Time    `json:"since"`
	Subject  string       `json:"subject"`
	Steps    []exportStep `json:"steps"`
}

type exportStep struct {
	At      time.Time         `json:"at"`
	From    string            `json:"from"`
	To      string            `json:"to"`
	By      By                `json:"by"`
	Answers map[string]string `json:"answers,omitempty"`
	Entry   ledger.ID         `json:"entry"`
	Public  bool              `json:"public"`
}

type exportTravel struct {
	Dialogue dialogue.ID `json:"dialogue"`
	Name     string      `json:"name"`
	Email    party.Email `json:"email"`
	Asked    time.Time   `json:"asked"`
	Until    time.Time   `json:"until"`
	SealedAt time.Time   `json:"sealed_at,omitzero"`
}

func (room *Room) giveExport(w http.ResponseWriter, r *page.Request, v *visit) error {
	a := v.a
	out := export{
		Exported: room.o.Clock().UTC(), ID: a.ID, Call: a.Call, Sample: a.Sample, Language: a.Lang, Name: a.Name, Email: a.Email, Answers: a.Answers,
		Listing: a.Listing, Source: a.Source, Created: a.Created, Changed: a.Changed, Submitted: a.Submitted, Erases: v.call.erases(a).UTC(),
		SealedAt: a.SealedAt, Admissions: []exportAdmission{}, Corrections: []Correction{}, Travel: []exportTravel{},
	}
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		moves, err := room.Moves(tx, a.ID)
		if err != nil {
			return err
		}
		for _, m := range v.stand {
			one := exportAdmission{m.Dialogue, m.State, m.Since, m.Subject, nil}
			for _, step := range moves {
				if step.Dialogue != m.Dialogue {
					continue
				}
				answers := step.Shown
				if step.By == ByApplicant {
					answers = step.Answers
				}
				one.Steps = append(one.Steps, exportStep{step.At, step.From, step.To, step.By, answers, step.Entry, step.Public})
			}
			out.Admissions = append(out.Admissions, one)
		}
		corrections, err := room.Corrections(tx, a.ID)
		if err != nil {
			return err
		}
		out.Corrections = append(out.Corrections, corrections...)
		requests, err := room.travelOf(tx, a.ID)
		if err != nil {
			return err
		}
		for _, q := range requests {
			out.Travel = append(out.Travel, exportTravel{q.Dialogue, q.Name, q.Email, q.Asked, q.Until, q.SealedAt})
		}
		sealed, err := room.Sealed(tx, a.ID)
		out.Sealed = base64.StdEncoding.EncodeToString(sealed)
		return err
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", `attachment; filename="application.json"`)
	return page.JSON(w, http.StatusOK, out)
}
