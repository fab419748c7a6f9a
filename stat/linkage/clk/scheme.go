package clk

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"rostrum.example/stat/linkage"
)

// Role says what a column holds, so that holders who call it differently encode it
// alike.
type Role struct {
	Label string       // under which the field is hashed
	Kind  linkage.Kind // how it is cut into tokens
	Hash  int          // positions per token
}

// scheme is what two encodings must share to be comparable. All of it is public.
type scheme struct {
	fields []fieldPlan
	blocks []string
	salted bool
	flip   float64
}

type fieldPlan struct {
	column string
	Role
}

// roles are the fields that headers name, in the languages in which lists come.
// A header matches if its folded form without spaces is one of the words.
var roles = []struct {
	role  Role
	words string
}{
	{Role{"given", linkage.Name, 6}, "givenname givennames firstname forename given prenom prenoms nombre nombres primernombre imya vorname"},
	{Role{"family", linkage.Name, 6}, "surname lastname familyname family nom nomdefamille apellido apellidos primerapellido familiya nachname"},
	{Role{"name", linkage.Name, 6}, "name fullname nomcomplet nombrecompleto fio"},
	{Role{"birth", linkage.Date, 6}, "dob dateofbirth birthdate birth datedenaissance fechadenacimiento nacimiento datarozhdeniya"},
	{Role{"sex", linkage.Code, 3}, "sex gender sexe genre sexo pol"},
	{Role{"address", linkage.Text, 3}, "address address1 addressline1 street adresse direccion domicilio"},
	{Role{"address 2", linkage.Text, 2}, "address2 addressline2"},
	{Role{"place", linkage.Place, 4}, "city town suburb village ville ciudad localidad place municipality gorod"},
	{Role{"postcode", linkage.Code, 5}, "postcode zip zipcode postalcode codepostal codigopostal"},
	{Role{"nationality", linkage.Place, 3}, "nationality citizenship nationalite nacionalidad countryoforigin"},
	{Role{"document", linkage.Code, 6}, "document documentnumber passport passportnumber idnumber nationalid socsecid ssn numerodedocumento"},
	{Role{"phone", linkage.Code, 4}, "phone phonenumber telephone mobile telefono tel"},
	{Role{"email", linkage.Code, 4}, "email mail courriel correo emailaddress"},
}

// roleOf gives the role of a column: the one its header names, or one of its own.
func roleOf(header string) Role {
	folded := linkage.Fold(header)
	squeezed := strings.ReplaceAll(folded, " ", "")
	for _, r := range roles {
		if slices.Contains(strings.Fields(r.words), squeezed) {
			return r.role
		}
	}
	kind := linkage.HeaderKind(header)
	if kind == 0 {
		kind = linkage.Text
	}
	return Role{folded, kind, 3}
}

// blocked are the agreements under which records are brought together, each a key
// of its own: fields by label, ~ for the sound, :year and :day for parts of a date.
var blocked = [][]string{
	{"birth", "sex"},
	{"birth:day", "given~"},
	{"birth:year", "family~"},
	{"given~", "family~"},
	{"birth:year", "given~", "place~"},
	{"name~", "birth:year"},
	{"birth", "place~"},
	{"postcode", "family~"},
	{"postcode", "given~"},
	{"address~", "family~"},
	{"address~", "place~"},
	{"birth:year", "place~"},
	{"birth:year", "postcode"},
	{"document"},
	{"phone"},
	{"email"},
}

// newScheme plans the encoding of the given columns.
func newScheme(columns []string, opt Options) (*scheme, error) {
	s := &scheme{flip: opt.Flip}
	seen := map[string]string{}
	for _, c := range columns {
		role, told := opt.Roles[c]
		if !told {
			role = roleOf(c)
		}
		if role.Label == "" || strings.ContainsAny(role.Label, "|~:") || role.Hash < 1 || role.Hash > 16 || role.Kind < linkage.Name || role.Kind > linkage.Place {
			return nil, fmt.Errorf("encoding column %q: its role needs a label, a type, and 1 to 16 positions", c)
		}
		if first, twice := seen[role.Label]; twice {
			return nil, fmt.Errorf("encoding columns %q and %q: both are the %s: leave one out with --ignore, or rename it", first, c, role.Label)
		}
		seen[role.Label] = c
		s.fields = append(s.fields, fieldPlan{c, role})
	}
	slices.SortFunc(s.fields, func(a, b fieldPlan) int { return strings.Compare(a.Label, b.Label) })
	_, s.salted = seen["birth"]
	s.salted = s.salted && !opt.Unsalted
	for _, b := range blocked {
		if !slices.ContainsFunc(b, func(part string) bool { return seen[partLabel(part)] == "" }) {
			s.blocks = append(s.blocks, strings.Join(b, "|"))
		}
	}
	if len(s.blocks) == 0 {
		for _, f := range s.fields {
			s.blocks = append(s.blocks, f.Label+"~")
		}
	}
	return s, nil
}

func partLabel(part string) string {
	label, _, _ := strings.Cut(strings.TrimSuffix(part, "~"), ":")
	return label
}

// salts reports whether the tokens of a field are salted: those of names, whose
// frequencies everybody knows. Were all fields salted, a wrong year of birth would
// leave a record nothing in common with itself.
func (s *scheme) salts(label string) bool {
	return s.salted && (label == "given" || label == "family" || label == "name")
}

// describe writes the scheme in a form that is the same for all holders.
func (s *scheme) describe() string {
	var b strings.Builder
	fmt.Fprintf(&b, "version 1 bits %d salted %t flip %g", Bits, s.salted, s.flip)
	for _, f := range s.fields {
		fmt.Fprintf(&b, " field %q %s %d", f.Label, f.Kind, f.Hash)
	}
	for _, x := range s.blocks {
		fmt.Fprintf(&b, " block %q", x)
	}
	return b.String()
}

// header names the column of encodings: which fields are in it, and a digest of
// scheme and key, so that encodings that cannot be compared are not.
func (s *scheme) header(check []byte) string {
	h := sha256.New()
	h.Write([]byte(s.describe()))
	h.Write(check)
	labels := make([]string, len(s.fields))
	for i, f := range s.fields {
		labels[i] = strings.ReplaceAll(f.Label, " ", "-")
	}
	return prefix + strings.Join(labels, "+") + ":" + hex.EncodeToString(h.Sum(nil)[:8])
}

const prefix = "clk1:"
