package opinion

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// A ParticipantID names a participant of a conversation. It is a name within
// the conversation, never a person's.
type ParticipantID string

// A StatementID names a statement ("comment" in exports of Polis).
type StatementID string

// A Value is what one participant says of one statement.
type Value int8

// The three values of a vote. A pair without a vote is unseen, which is not
// the same as Pass.
const (
	Disagree Value = -1
	Pass     Value = 0
	Agree    Value = 1
)

// A Vote is one participant's vote on one statement. Time is any number that
// grows with time, in exports milliseconds since 1970.
type Vote struct {
	Participant ParticipantID
	Statement   StatementID
	Value       Value
	Time        int64
}

// A Moderation says whether a statement was let into the conversation.
type Moderation int8

// The states of moderation, numbered as in exports.
const (
	Rejected Moderation = -1
	Pending  Moderation = 0
	Accepted Moderation = 1
)

// A Statement is what participants vote on. Meta marks a statement about the
// participants ("I live here"), not about the subject. Time and Author are
// as in the export and may be empty.
type Statement struct {
	ID         StatementID
	Text       string
	Moderation Moderation
	Meta       bool
	Author     ParticipantID
	Time       int64
}

// compareIDs orders identifiers: decimal numbers first, by value, then all
// others by their bytes. The order of two identifiers does not depend on
// which others exist.
func compareIDs[T ~string](a, b T) int {
	an, bn := decimal(string(a)), decimal(string(b))
	switch {
	case an && bn:
		return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(string(a), string(b)))
	case an:
		return -1
	case bn:
		return 1
	}
	return strings.Compare(string(a), string(b))
}

// decimal reports whether s is a whole number written without sign and
// without leading zeros.
func decimal(s string) bool {
	if s == "" || (s[0] == '0' && len(s) > 1) {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// marshalID writes a decimal identifier that every JSON reader holds exactly
// as a number, any other as a string.
func marshalID(s string) ([]byte, error) {
	if decimal(s) && len(s) <= 15 {
		return []byte(s), nil
	}
	return json.Marshal(s)
}

func unmarshalID(b []byte) (string, error) {
	if len(b) > 0 && b[0] == '"' {
		var s string
		err := json.Unmarshal(b, &s)
		return s, err
	}
	if !decimal(string(b)) {
		return "", fmt.Errorf("reading identifier %s: not a string or a whole number", b)
	}
	return string(b), nil
}

// MarshalJSON writes a decimal identifier as a number, any other as a string.
func (id ParticipantID) MarshalJSON() ([]byte, error) { return marshalID(string(id)) }

// UnmarshalJSON reads what MarshalJSON writes.
func (id *ParticipantID) UnmarshalJSON(b []byte) error {
	s, err := unmarshalID(b)
	*id = ParticipantID(s)
	return err
}

// MarshalJSON writes a decimal identifier as a number, any other as a string.
func (id StatementID) MarshalJSON() ([]byte, error) { return marshalID(string(id)) }

// UnmarshalJSON reads what MarshalJSON writes.
func (id *StatementID) UnmarshalJSON(b []byte) error {
	s, err := unmarshalID(b)
	*id = StatementID(s)
	return err
}

// String gives "agree", "disagree" or "pass".
func (v Value) String() string {
	switch v {
	case Agree:
		return "agree"
	case Disagree:
		return "disagree"
	case Pass:
		return "pass"
	}
	return "Value(" + strconv.Itoa(int(v)) + ")"
}

// MarshalText writes the word that String gives.
func (v Value) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (v *Value) UnmarshalText(b []byte) error {
	for _, w := range []Value{Agree, Disagree, Pass} {
		if w.String() == string(b) {
			*v = w
			return nil
		}
	}
	return fmt.Errorf("reading vote %q: not agree, disagree or pass", b)
}
