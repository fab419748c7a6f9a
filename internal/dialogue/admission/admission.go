// Package admission is the room of the dialogue wing in which applications are checked, objected to, decided, counted,
// and answered on paper.
//
// It stands on the room application, which keeps the applications and makes every step of an admission an entry of the
// public record. Here is who may make which step, the table in which a bureau works through two hundred of them, the
// people who come, and what can be said in figures about it. Nothing here ranks or proposes: marks, matches of names and
// decisions are a person's.
package admission

import (
	"errors"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/party"
)

// Unmarked is the topic fit of an application that nobody has marked.
const Unmarked = -1

// MaxFit is the best mark of topic fit.
const MaxFit = 3

// Review is what the secretariat found of an application for one dialogue.
type Review struct {
	Application application.ID
	Dialogue    dialogue.ID
	// Fit is a human's mark of how well the application fits the dialogue's topic, from 0 to MaxFit, or Unmarked.
	Fit       int
	FitReason string
	FitBy     party.PersonID
	FitAt     time.Time
	// Complete tells that a human found nothing missing.
	Complete  bool
	CheckedBy party.PersonID
	CheckedAt time.Time
	// Version is 0 for a review that nobody has begun.
	Version int
}

// Note is what the unit writes down for itself. It goes when the application's data go.
type Note struct {
	ID          string
	Application application.ID
	At          time.Time
	Author      party.PersonID
	Text        string
}

// Objection is what a State or a body has against an application.
type Objection struct {
	ID          string
	Application application.ID
	Dialogue    dialogue.ID
	// Objector is a State's ISO 3166-1 alpha-2 code, or the name of a body.
	Objector string
	// Named tells that the objector agreed to be shown, or has made it public itself.
	Named  bool
	Ground string
	// Told tells that the applicant and the public record may read the ground.
	Told bool
	// Made is the day of the objection, ReplyBy the last day for the applicant's reply.
	Made, ReplyBy locale.Date
	At            time.Time
	Actor         party.PersonID
	Entry         ledger.ID
}

// Disclosed is what of an objection may be read outside the secretariat and the bureau.
type Disclosed struct {
	// Objector and Ground are empty where they are not disclosed.
	Objector, Ground string
	Made, ReplyBy    locale.Date
}

// Disclose leaves out what the objector has not agreed to.
func (o Objection) Disclose() Disclosed {
	d := Disclosed{Made: o.Made, ReplyBy: o.ReplyBy}
	if o.Named {
		d.Objector = o.Objector
	}
	if o.Told {
		d.Ground = o.Ground
	}
	return d
}

// ParticipantID names a participant. It is random.
type ParticipantID string

// Kind says for whom a participant comes.
type Kind string

// The kinds of participants.
const (
	Stakeholder Kind = "stakeholder"
	Government  Kind = "state"
	IGO         Kind = "igo"
	Observer    Kind = "observer"
)

// Kinds are the kinds in the order of lists.
var kinds = []Kind{Stakeholder, Government, IGO, Observer}

// Place is where somebody takes part.
type Place string

// The places. Anywhere is the wish of somebody who has not decided.
const (
	InRoom   Place = "in_person"
	Remote   Place = "online"
	Anywhere Place = "either"
	Both     Place = "both"
)

// Standing is where a registration stands.
type Standing string

// The standings of a registration.
const (
	Active    Standing = "registered"
	Replaced  Standing = "replaced"
	Cancelled Standing = "cancelled"
)

// Participant is a person who is registered for a dialogue, or several whose names are not known, such as a delegation.
type Participant struct {
	ID       ParticipantID
	Dialogue dialogue.ID
	// Application is empty for who was added by hand.
	Application application.ID
	Kind        Kind
	// Type is a stakeholder type of the mechanism.
	Type string
	// Body is the organisation, or the name of a State; Country an ISO 3166-1 code, or empty.
	Body, Country string
	// Name, Function and Email are empty where they are not known or have been erased.
	Name, Function string
	Email          party.Email
	Mode           Place
	Listing        application.Listing
	// Number is how many persons the row stands for: 1, or the size of a delegation without names.
	Number int
	State  Standing
	// Follows is whom the person replaced.
	Follows ParticipantID
	// Attended is empty, InRoom, Remote or Both; Room and Remote are minutes, 0 where they were not measured.
	Attended     Place
	Room, Remote int
	// Source says how the attendance is known.
	Source string
	// Certificate is the number of a certificate that was issued; Shown tells that its holder agreed to be named to whoever
	// checks the number.
	Certificate      string
	Certified        time.Time
	Shown            bool
	Created, Changed time.Time
	Version          int
	Erased           time.Time
}

// Here tells whether the registration stands.
func (p *Participant) Here() bool { return p.State == Active }

// ErrNotFound: there is no such row in this room.
var ErrNotFound = errors.New("there is no such participant, objection, report, letter or figure")
