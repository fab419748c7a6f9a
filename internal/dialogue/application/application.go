// Package application is the room of the dialogue wing in which people apply to take part: the form of a call, saved as
// they go and open again by a link, and where each application stands for each dialogue that it names.
//
// One application answers one call and may name several of its dialogues. For each it has an admission, which goes
// through the states of the mechanism's preset; every step is an entry of the public record, opaque for whoever asked
// not to be listed. Who checks, objects and decides is the business of the room admission, which stands on this one.
package application

import (
	"errors"
	"slices"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/party"
)

// The states that rooms know by name. A preset may have others.
const (
	Draft             = "draft"
	Submitted         = "submitted"
	CompletenessCheck = "completeness_check"
	Returned          = "returned"
	Resubmitted       = "resubmitted"
	WithBureau        = "with_extended_bureau"
	NoObjection       = "no_objection"
	Objected          = "objected"
	Replied           = "reply_by_applicant"
	Referred          = "referred_to_conference"
	Admitted          = "admitted"
	Declined          = "declined"
	Registered        = "registered"
	BadgeIssued       = "badge_issued"
	Attended          = "attended"
	NoShow            = "no_show"
	CertificateIssued = "certificate_issued"
	Withdrawn         = "withdrawn"
)

// ID names an application. It is random and says nothing about who applies.
type ID string

// Listing says where an organisation may be listed.
type Listing string

// The listings, from the widest. An application that says that being listed could endanger somebody is with the
// secretariat only.
const (
	Public       Listing = "public"
	Participants Listing = "participants_only"
	Secretariat  Listing = "secretariat_only"
)

// Application is what an organisation asks for with one form.
type Application struct {
	ID     ID
	Call   cycle.CallID
	Sample bool
	Lang   locale.Lang
	// Name is the organisation's.
	Name string
	// Email is where the applicant is written to; empty in a draft that has none yet.
	Email party.Email
	// Answers are those that are not sealed.
	Answers Answers
	// SealedAt is when sensitive answers were last sealed; zero for none.
	SealedAt time.Time
	Listing  Listing
	// Source is "form", or the name of the file that the application came in with.
	Source string

	Created, Changed time.Time
	// Submitted is zero while the application is a draft.
	Submitted time.Time
	// Erases is when the personal data go; Erased when they went, zero while they are there.
	Erases, Erased time.Time
	Version        int

	steps map[string]saved
}

// saved tells how often a page of the form was saved, and by which page in a browser last.
type saved struct {
	N    int    `json:"n"`
	Once string `json:"once,omitempty"`
}

// Answers are what was answered, by the id of the question.
type Answers map[string]Answer

// Answer is the answer to one question: one value for a line or a choice, several for a list, persons for persons.
type Answer struct {
	Values  []string            `json:"values,omitempty"`
	Persons []map[string]string `json:"persons,omitempty"`
}

// One gives the answer to a question that has one, and "" where there is none.
func (a Answers) One(field string) string {
	if values := a[field].Values; len(values) > 0 {
		return values[0]
	}
	return ""
}

// All gives the answers to a question that may have several.
func (a Answers) All(field string) []string { return a[field].Values }

// The questions of the form that the program itself asks about; a preset's form has them under these ids.
const (
	FieldName     = "organisation_name"
	FieldType     = "stakeholder_type"
	FieldCountry  = "country_of_registration"
	FieldDialogue = "dialogues_applied_for"
	FieldPersons  = "nominated_persons"
	FieldMode     = "mode"
	FieldSpeaks   = "wants_to_speak"
	FieldTopic    = "speaking_topic"
	FieldTravel   = "travel_support_requested"
	FieldListing  = "listing_consent"
	FieldSafety   = "safety_flag"
	FieldEmail    = "contact_email"
	FieldNotice   = "data_notice_accepted"
)

// What is asked of each nominated person, as far as the program itself asks about it.
const (
	PersonName  = "name"
	PersonEmail = "email"
	PersonMode  = "mode"
)

// AnswerReply is under which id the answers of a step to Replied hold what the applicant wrote.
const AnswerReply = "reply"

// Admission is where an application stands for one dialogue.
type Admission struct {
	Application ID
	Dialogue    dialogue.ID
	State       string
	Since       time.Time
	Version     int
	// Subject is what it is called in the public record, "opaque/…" for whoever asked not to be listed; empty while
	// the application is a draft.
	Subject string
	Entry   ledger.ID
}

// By says in which quality somebody makes a step.
type By string

// The qualities. Who did it stands beside it where it was a person with an account.
const (
	ByApplicant By = "applicant"
	ByOfficer   By = "officer"
	ByBureau    By = "bureau"
	ByClock     By = "clock"
)

// Move is one step of an admission.
type Move struct {
	ID          string
	Application ID
	Dialogue    dialogue.ID
	At          time.Time
	From, To    string
	By          By
	// Actor is empty where nobody with an account did it, or their data have been erased.
	Actor party.PersonID
	// Answers are what the state asked to be written down, as the secretariat sees it; Shown, those that the applicant
	// may read.
	Answers, Shown map[string]string
	Entry          ledger.ID
	// Public: the public record has the step's text. It has none of a step that is opaque or whose text was withdrawn.
	Public bool
}

// Change is a step that somebody wants to make.
type Change struct {
	To    string
	By    By
	Actor party.PersonID
	// Answers are what the state asks to be written down. Shown are those that the public record and the applicant may
	// read: an objector who does not agree to be shown stands in Answers alone.
	Answers, Shown map[string]string
}

// State is a state of an admission as the mechanism's preset has it. MovedBy says which roles of the house move an
// admission on from here; Applicant, that the applicant does.
type State struct {
	cycle.State
	Applicant bool
}

// Errors that callers can act on.
var (
	ErrNotFound = errors.New("there is no such application")
	// ErrMoved: somebody else has made a step since the page was read.
	ErrMoved = errors.New("the admission has moved meanwhile")
	// ErrOrder: the mechanism does not allow this step from here.
	ErrOrder = errors.New("this step cannot follow the last one")
)

// Past tells whether an admission has been granted, whatever came after it.
func Past(state string) bool {
	return slices.Contains([]string{Admitted, Registered, BadgeIssued, Attended, NoShow, CertificateIssued}, state)
}
