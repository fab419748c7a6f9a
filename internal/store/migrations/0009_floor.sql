-- The floor of a dialogue. changes counts everything that happens, desk the acts of the desk, asked the requests and
-- begun the turns; whoever changes something holds this row.
create table floor (
  org      text    not null,
  dialogue text    not null,
  state    text    not null,
  item     text    not null,
  changes  bigint  not null,
  desk     integer not null,
  asked    integer not null,
  begun    integer not null,
  primary key (org, dialogue)
);

-- The list of speakers of an item. times are the seconds of each kind of turn, as JSON.
create table floor_list (
  org      text    not null,
  dialogue text    not null,
  item     text    not null,
  opened   integer not null,
  phase    text    not null,
  times    text    not null,
  primary key (org, dialogue, item)
);

-- Requests for the floor, by their number. state is waiting, called, withdrawn, written or removed; moved, held and
-- granted are what the chair decided. person is the participant's account, empty for none or erased.
create table floor_request (
  org         text    not null,
  dialogue    text    not null,
  n           integer not null,
  item        text    not null,
  participant text    not null,
  person      text    not null,
  kind        text    not null,
  mode        text    not null,
  lang        text    not null,
  asked       bigint  not null,
  state       text    not null,
  moved       integer not null,
  held        integer not null,
  granted     integer not null,
  primary key (org, dialogue, n)
);
create index floor_request_person on floor_request (org, person);
create index floor_request_waiting on floor_request (org, dialogue, state);

-- Turns on the floor. who, type, mode and lang are as the speaker wants to be shown. spans are the stretches of time
-- in which they spoke, as JSON; since is when the running one began, or 0. Of a sealed entry, salt and body are kept
-- here alone.
create table floor_turn (
  org         text    not null,
  dialogue    text    not null,
  n           integer not null,
  item        text    not null,
  request     integer not null,
  participant text    not null,
  person      text    not null,
  speaker     text    not null,
  kind        text    not null,
  naming      text    not null,
  who         text    not null,
  type        text    not null,
  mode        text    not null,
  lang        text    not null,
  allotted    integer not null,
  began       bigint  not null,
  ended       bigint  not null,
  since       bigint  not null,
  spans       text    not null,
  entry       text    not null,
  salt        bytea,
  body        bytea,
  primary key (org, dialogue, n)
);
create index floor_turn_person on floor_turn (org, person);

-- What the desk did. person is empty for someone whose data have been erased; participant is about whom.
create table floor_act (
  org         text    not null,
  dialogue    text    not null,
  desk        integer not null,
  at          bigint  not null,
  what        text    not null,
  item        text    not null,
  request     integer not null,
  participant text    not null,
  naming      text    not null,
  who         text    not null,
  type        text    not null,
  before      integer not null,
  seconds     integer not null,
  reason      text    not null,
  person      text    not null,
  entry       text    not null,
  primary key (org, dialogue, desk)
);

-- What participants sent in writing instead of speaking, until it is handed on.
create table floor_written (
  org         text    not null,
  dialogue    text    not null,
  request     integer not null,
  item        text    not null,
  participant text    not null,
  person      text    not null,
  lang        text    not null,
  body        text    not null,
  at          bigint  not null,
  primary key (org, dialogue, request)
);

-- Forms that were taken, so that a second sending of the same form does nothing.
create table floor_form (
  org      text   not null,
  dialogue text   not null,
  token    text   not null,
  at       bigint not null,
  primary key (org, dialogue, token)
);

-- Personal links by the SHA-256 of their secret, one that works for each participant and dialogue.
create table floor_link (
  org         text   not null,
  dialogue    text   not null,
  participant text   not null,
  hash        bytea  not null,
  created     bigint not null,
  expires     bigint not null,
  primary key (org, dialogue, participant)
);
create unique index floor_link_hash on floor_link (org, hash);

-- Phones and computers that a link has let in, by the SHA-256 of their cookie.
create table floor_seat (
  org         text   not null,
  hash        bytea  not null,
  dialogue    text   not null,
  participant text   not null,
  created     bigint not null,
  primary key (org, hash)
);
create index floor_seat_participant on floor_seat (org, dialogue, participant);
