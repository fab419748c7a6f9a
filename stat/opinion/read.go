package opinion

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

var (
	statementNames   = []string{"comment-id", "statement-id", "statement", "tid"}
	participantNames = []string{"voter-id", "participant-id", "participant", "voter", "pid"}
	timeNames        = []string{"timestamp", "time", "created", "modified"}
)

// ReadVotes reads a table of votes in the format of the exports of Polis,
// file being its name for messages. The columns comment-id, voter-id and vote
// (1 agree, -1 disagree, 0 pass) must be there; timestamp, a whole number or
// an instant after RFC 3339, decides which of several votes of one
// participant on one statement is the last, and without it the order of the
// rows does. Other columns are passed over. Errors in the file are of type
// *InputError. Memory grows with the votes, not with the file.
func ReadVotes(file string, r io.Reader) (*Conversation, error) {
	t, err := newTable(file, r)
	if err != nil {
		return nil, err
	}
	statement, err := t.need(statementNames...)
	if err != nil {
		return nil, err
	}
	participant, err := t.need(participantNames...)
	if err != nil {
		return nil, err
	}
	vote, err := t.need("vote", "value")
	if err != nil {
		return nil, err
	}
	stamp, err := t.column(timeNames...)
	if err != nil {
		return nil, err
	}
	c := &Conversation{}
	var participants, statements interned
	for {
		err := t.next()
		if err == io.EOF {
			return c, nil
		}
		if err != nil {
			return nil, err
		}
		v, ok := parseValue(t.field(vote))
		if !ok {
			return nil, t.fail(t.row, t.header[vote], fmt.Sprintf("%.40q is not a vote", t.field(vote)), "use 1 for agree, -1 for disagree and 0 for pass")
		}
		var at int64
		if stamp >= 0 {
			if at, ok = parseTime(t.field(stamp)); !ok {
				return nil, t.fail(t.row, t.header[stamp], fmt.Sprintf("%.40q is not a time", t.field(stamp)), "use a whole number such as milliseconds since 1970, or an instant such as 2022-07-01T10:00:00Z")
			}
		}
		i, ok := participants.find(t.field(participant))
		if !ok {
			id, err := t.id(participant)
			if err != nil {
				return nil, err
			}
			known := false
			if i, known = c.participantIndex[ParticipantID(id)]; !known {
				if len(c.participants) == MaxParticipants {
					return nil, t.fail(t.row, t.header[participant], fmt.Sprintf("there are more than %d participants", MaxParticipants), "divide the conversation")
				}
				i = c.addParticipant(ParticipantID(id))
			}
			participants.add(t.field(participant), i)
		}
		j, ok := statements.find(t.field(statement))
		if !ok {
			id, err := t.id(statement)
			if err != nil {
				return nil, err
			}
			known := false
			if j, known = c.statementIndex[StatementID(id)]; !known {
				if len(c.statements) == MaxStatements {
					return nil, t.fail(t.row, t.header[statement], fmt.Sprintf("there are more than %d statements", MaxStatements), "divide the conversation")
				}
				j = c.addStatement(Statement{ID: StatementID(id), Moderation: Accepted})
			}
			statements.add(t.field(statement), j)
		}
		c.record(i, j, v, at)
	}
}

// ReadComments reads a table of statements in the format of the exports of
// Polis, file being its name for messages. The column comment-id must be
// there; comment-body holds the text, moderated is 1 for accepted (also where
// the column is missing), 0 for pending and -1 for rejected, is-meta marks
// statements about the participants, author-id and timestamp are kept. Other
// columns are passed over. Errors in the file are of type *InputError.
func ReadComments(file string, r io.Reader) ([]Statement, error) {
	t, err := newTable(file, r)
	if err != nil {
		return nil, err
	}
	id, err := t.need(statementNames...)
	if err != nil {
		return nil, err
	}
	var column [5]int
	for i, names := range [][]string{{"comment-body", "text", "body", "comment", "txt"}, {"moderated", "moderation", "mod"}, {"is-meta", "meta"}, {"author-id", "author"}, timeNames} {
		if column[i], err = t.column(names...); err != nil {
			return nil, err
		}
	}
	text, moderated, meta, author, stamp := column[0], column[1], column[2], column[3], column[4]
	var out []Statement
	first := map[StatementID]int{}
	for {
		err := t.next()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		name, err := t.id(id)
		if err != nil {
			return nil, err
		}
		s := Statement{ID: StatementID(name), Moderation: Accepted}
		if row, twice := first[s.ID]; twice {
			return nil, t.fail(t.row, t.header[id], fmt.Sprintf("statement %q stands in row %d already", name, row), "keep one row per statement")
		}
		first[s.ID] = t.row
		if len(out) == MaxStatements {
			return nil, t.fail(t.row, "", fmt.Sprintf("there are more than %d statements", MaxStatements), "divide the conversation")
		}
		if text >= 0 {
			if !utf8.Valid(t.field(text)) {
				return nil, t.fail(t.row, t.header[text], "the text is not UTF-8", "save the file as CSV in UTF-8")
			}
			s.Text = string(t.field(text))
		}
		if moderated >= 0 {
			v, ok := parseValue(t.field(moderated))
			if !ok {
				return nil, t.fail(t.row, t.header[moderated], fmt.Sprintf("%.40q is not a state of moderation", t.field(moderated)), "use 1 for accepted, 0 for pending and -1 for rejected")
			}
			s.Moderation = Moderation(v)
		}
		if meta >= 0 {
			switch strings.ToLower(string(bytes.TrimSpace(t.field(meta)))) {
			case "true", "t", "1", "yes":
				s.Meta = true
			case "false", "f", "0", "no", "":
			default:
				return nil, t.fail(t.row, t.header[meta], fmt.Sprintf("%.40q is neither true nor false", t.field(meta)), "use true or false")
			}
		}
		if author >= 0 && len(bytes.TrimSpace(t.field(author))) > 0 {
			a, err := t.id(author)
			if err != nil {
				return nil, err
			}
			s.Author = ParticipantID(a)
		}
		if stamp >= 0 && len(bytes.TrimSpace(t.field(stamp))) > 0 {
			at, ok := parseTime(t.field(stamp))
			if !ok {
				return nil, t.fail(t.row, t.header[stamp], fmt.Sprintf("%.40q is not a time", t.field(stamp)), "use a whole number such as milliseconds since 1970, or an instant such as 2022-07-01T10:00:00Z")
			}
			s.Time = at
		}
		out = append(out, s)
	}
}

// ReadCategories reads a table of participants and their categories, file
// being its name for messages: the columns voter-id and category. Errors in
// the file are of type *InputError.
func ReadCategories(file string, r io.Reader) (map[ParticipantID]string, error) {
	t, err := newTable(file, r)
	if err != nil {
		return nil, err
	}
	id, err := t.need(participantNames...)
	if err != nil {
		return nil, err
	}
	category, err := t.need("category", "stakeholder", "type")
	if err != nil {
		return nil, err
	}
	out := map[ParticipantID]string{}
	for {
		err := t.next()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		name, err := t.id(id)
		if err != nil {
			return nil, err
		}
		value := string(bytes.TrimSpace(t.field(category)))
		if value != "" {
			if _, err := t.id(category); err != nil {
				return nil, err
			}
		}
		if old, twice := out[ParticipantID(name)]; twice && old != value {
			return nil, t.fail(t.row, t.header[category], fmt.Sprintf("participant %q is in category %q already", name, old), "give every participant one category")
		}
		out[ParticipantID(name)] = value
	}
}

// id gives the identifier in column i of the row read last.
func (t *table) id(i int) (string, error) {
	id := string(bytes.TrimSpace(t.field(i)))
	if err := validID(id); err != nil {
		return "", t.fail(t.row, t.header[i], "the "+err.Error(), "give every row an identifier in plain UTF-8")
	}
	return id, nil
}

func parseValue(b []byte) (Value, bool) {
	if len(b) > 0 && (b[0] <= ' ' || b[len(b)-1] <= ' ') {
		b = bytes.TrimSpace(b)
	}
	switch string(b) {
	case "1", "+1":
		return Agree, true
	case "0":
		return Pass, true
	case "-1":
		return Disagree, true
	}
	return Pass, false
}

// parseTime reads a whole number, or an instant as milliseconds since 1970.
func parseTime(b []byte) (int64, bool) {
	if len(b) > 0 && len(b) <= 18 {
		var n int64
		digits := true
		for _, d := range b {
			if d < '0' || d > '9' {
				digits = false
				break
			}
			n = n*10 + int64(d-'0')
		}
		if digits {
			return n, true
		}
	}
	b = bytes.TrimSpace(b)
	if n, err := strconv.ParseInt(string(b), 10, 64); err == nil {
		return n, true
	}
	at, err := time.Parse(time.RFC3339, string(b))
	return at.UnixMilli(), err == nil
}

// interned remembers the places of identifiers as they were written. Small
// decimal numbers, the usual case, are found without hashing.
type interned struct {
	small []int32 // place + 1
	other map[string]int
}

const smallIDs = 1 << 20

func (n *interned) find(b []byte) (int, bool) {
	if i, ok := smallID(b); ok {
		if i < len(n.small) && n.small[i] > 0 {
			return int(n.small[i]) - 1, true
		}
		return 0, false
	}
	i, ok := n.other[string(b)]
	return i, ok
}

func (n *interned) add(b []byte, place int) {
	if i, ok := smallID(b); ok {
		if i >= len(n.small) {
			n.small = append(n.small, make([]int32, max(i+1-len(n.small), len(n.small)))...)
		}
		n.small[i] = int32(place) + 1
		return
	}
	if n.other == nil {
		n.other = make(map[string]int)
	}
	n.other[string(b)] = place
}

// smallID reads a decimal number below smallIDs without leading zeros.
func smallID(b []byte) (int, bool) {
	if len(b) == 0 || len(b) > 7 || b[0] == '0' && len(b) > 1 {
		return 0, false
	}
	n := 0
	for _, d := range b {
		if d < '0' || d > '9' {
			return 0, false
		}
		n = n*10 + int(d-'0')
	}
	return n, n < smallIDs
}
