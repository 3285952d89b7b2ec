// A probe in Go, scripted mode with a file as its sink, written from docs/probe-contract.md alone: it shows that the page
// and the vectors are enough. Reads {"name", "event"} on standard input and prints how the invocation ended.
package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"
)

type object = map[string]any
type pair struct{ name, value string }

type failure struct{ what, why string }

func (f failure) Error() string { return f.what + ": " + f.why }

func main() {
	var call struct {
		Name  string
		Event object
	}
	if err := json.NewDecoder(os.Stdin).Decode(&call); err != nil {
		panic(err)
	}
	answer := invoke(typeOf(call.Name, call.Event), call.Event)
	if thrown, ok := answer["throw"]; ok {
		fmt.Println(encode(object{"threw": thrown}))
	} else {
		fmt.Println(encode(object{"returned": answer["return"]}))
	}
}

func typeOf(name string, event object) string {
	if name == "authorizer" {
		return "AUTHORIZER"
	}
	said := child(event, "requestContext")
	if kind, ok := said["eventType"].(string); ok {
		return kind
	}
	switch route, _ := said["routeKey"].(string); route {
	case "$connect":
		return "CONNECT"
	case "$disconnect":
		return "DISCONNECT"
	}
	return "MESSAGE"
}

func invoke(kind string, event object) object {
	answer, err := perform(kind, event)
	if err != nil {
		return failClosed(kind, err)
	}
	return answer
}

func failClosed(kind string, err error) object {
	what, why := "sink away", err.Error()
	if f, ok := err.(failure); ok {
		what, why = f.what, f.why
	}
	fmt.Fprintf(os.Stderr, "ws-assay probe: %s, %s fails closed: %s\n", what, kind, why)
	if kind == "AUTHORIZER" {
		return object{"throw": "probe: " + what}
	}
	status := 200
	if kind == "CONNECT" {
		status = 599
	}
	return object{"return": object{"statusCode": status}}
}

type plan struct {
	nonce, run, refused string
	parameters          map[string]string
}

func perform(kind string, event object) (object, error) {
	began := time.Now()
	if os.Getenv("ASSAY_PROBE_SECRET") == "" || os.Getenv("ASSAY_PROBE_SINK") == "" {
		return nil, failure{"not set up", "ASSAY_PROBE_SECRET or ASSAY_PROBE_SINK is not set"}
	}
	said := child(event, "requestContext")
	id, _ := said["connectionId"].(string)
	var todo *plan
	if kind == "DISCONNECT" {
		todo = recall(id)
	}
	if todo == nil {
		todo = judge(kind, event)
	}
	random := make([]byte, 16)
	rand.Read(random)
	raw := hex.EncodeToString(random)
	invocation := strings.Join([]string{raw[:8], raw[8:12], raw[12:16], raw[16:20], raw[20:]}, "-")
	base := func(phase string, at time.Time) object {
		record := object{"v": 1, "type": kind, "phase": phase, "at": at.UnixMilli(), "connectionId": id, "invocationId": invocation}
		if todo.nonce != "" {
			record["nonce"] = todo.nonce
		}
		if todo.run != "" {
			record["runId"] = todo.run
		}
		return record
	}
	started := base("started", began)
	started["event"] = event
	if request, ok := said["requestId"].(string); ok {
		started["requestId"] = request
	}
	if err := record(started); err != nil {
		return nil, err
	}
	answer, problem := follow(kind, event, id, todo, began)
	ended := base("ended", time.Now())
	ended["answer"] = answer
	if problem != "" {
		ended["problem"] = problem
	}
	return answer, record(ended)
}

func follow(kind string, event object, id string, todo *plan, began time.Time) (object, string) {
	if todo.refused != "" {
		fmt.Fprintf(os.Stderr, "ws-assay probe: plan refused, %s: %s\n", kind, todo.refused)
		if kind == "AUTHORIZER" {
			return build(kind, event, object{"effect": "deny"}), "plan refused: " + todo.refused
		}
		return object{"return": object{"statusCode": 403}}, "plan refused: " + todo.refused
	}
	steps, err := stepsOf(todo.parameters)
	if err == nil && kind == "CONNECT" {
		err = remember(id, todo)
	}
	if err != nil {
		return failClosed(kind, err), err.Error()
	}
	step := steps[strings.ToLower(kind)]
	for step["hang"] != nil {
		time.Sleep(time.Hour)
	}
	if delay, ok := step["delay"].(int); ok {
		time.Sleep(time.Until(began.Add(time.Duration(delay) * time.Millisecond)))
	}
	return build(kind, event, step), ""
}

func judge(kind string, event object) *plan {
	pairs := []any{}
	if kind == "MESSAGE" {
		pairs = messagePairs(event)
	} else {
		pairs = handshakePairs(event)
	}
	result := &plan{parameters: map[string]string{}}
	signed := []pair{}
	wellFormed := true
	for _, one := range pairs {
		name, value := one.([2]any)[0].(string), one.([2]any)[1]
		text, isText := value.(string)
		if name == "assay" && isText && result.nonce == "" {
			result.nonce = text
		}
		if !strings.HasPrefix(name, "assay.") {
			continue
		}
		_, twice := result.parameters[name]
		if twice || !isText || !regexp.MustCompile(`^[\x21-\x7e]+$`).MatchString(name) {
			wellFormed = false
		}
		result.parameters[name] = text
		if name != "assay.sig" {
			signed = append(signed, pair{name, text})
		}
	}
	if len(result.parameters) == 0 {
		return result
	}
	given, isSigned := result.parameters["assay.sig"]
	exp := result.parameters["assay.exp"]
	until, _ := strconv.ParseInt(exp, 10, 64)
	switch {
	case !isSigned:
		result.refused = "unsigned"
	case !wellFormed || !hmac.Equal([]byte(given), []byte(signature(signed))):
		result.refused = "altered"
	case !regexp.MustCompile(`^[0-9]{1,12}$`).MatchString(exp) || time.Now().UnixMilli() > until*1000:
		result.refused = "expired"
	default:
		result.run = result.parameters["assay.run"]
	}
	return result
}

func signature(pairs []pair) string {
	sort.Slice(pairs, func(i, j int) bool { return pairs[i].name < pairs[j].name })
	texts := []string{}
	for _, one := range pairs {
		texts = append(texts, "["+quote(one.name)+","+quote(one.value)+"]")
	}
	mac := hmac.New(sha256.New, []byte(os.Getenv("ASSAY_PROBE_SECRET")))
	mac.Write([]byte("[" + strings.Join(texts, ",") + "]"))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// The rules of the page, not those of encoding/json.
func quote(text string) string {
	var out strings.Builder
	out.WriteByte('"')
	for _, char := range text {
		short := map[rune]string{'"': `\"`, '\\': `\\`, '\b': `\b`, '\f': `\f`, '\n': `\n`, '\r': `\r`, '\t': `\t`}[char]
		switch {
		case short != "":
			out.WriteString(short)
		case char < 0x20:
			fmt.Fprintf(&out, `\u%04x`, char)
		default:
			out.WriteRune(char)
		}
	}
	return out.String() + `"`
}

func handshakePairs(event object) []any {
	all := object{}
	for _, key := range []string{"queryStringParameters", "multiValueQueryStringParameters"} {
		for name, value := range child(event, key) {
			all[name] = value
		}
	}
	pairs := []any{}
	for name, value := range all {
		for _, one := range list(value) {
			pairs = append(pairs, [2]any{name, one})
		}
	}
	for _, part := range strings.Split(planHeader(event), "&") {
		name, value, _ := strings.Cut(part, "=")
		name, _ = url.QueryUnescape(name)
		value, _ = url.QueryUnescape(value)
		if name != "" {
			pairs = append(pairs, [2]any{name, value})
		}
	}
	return pairs
}

func planHeader(event object) string {
	for _, key := range []string{"headers", "multiValueHeaders"} {
		for name, value := range child(event, key) {
			if strings.EqualFold(name, "x-assay-plan") {
				text, _ := list(value)[0].(string)
				return text
			}
		}
	}
	return ""
}

func messagePairs(event object) []any {
	body, _ := event["body"].(string)
	if event["isBase64Encoded"] == true {
		decoded, _ := base64.StdEncoding.DecodeString(body)
		body = string(decoded)
	}
	var message any
	if json.Unmarshal([]byte(body), &message) != nil {
		return nil
	}
	top, _ := message.(object)
	pairs := []any{}
	for name, value := range child(top, "assay") {
		pairs = append(pairs, [2]any{name, value})
	}
	return pairs
}

var (
	either      = "delay hang throw return "
	known       = map[string]string{"authorizer": either + "effect principalId context policy usageIdentifierKey", "": either + "status body subprotocol header echo"}
	shapes      = map[string]string{"delay": `^[0-9]{1,6}$`, "status": `^[0-9]{1,3}$`, "hang": `^1$`, "echo": `^1$`, "effect": `^(allow|deny)$`}
	parsed      = "return context policy"
	invocations = "authorizer connect message disconnect"
)

func has(words, word string) bool {
	return strings.Contains(" "+words+" ", " "+word+" ")
}

func stepsOf(parameters map[string]string) (map[string]object, error) {
	steps := map[string]object{"authorizer": {}, "connect": {}, "message": {}, "disconnect": {}}
	for name, text := range parameters {
		if has("assay.exp assay.sig assay.run", name) {
			continue
		}
		parts := strings.SplitN(name, ".", 4)
		if len(parts) < 3 || !has(invocations, parts[1]) || parts[2] == "" {
			return nil, failure{"plan not understood", name}
		}
		words, special := known[parts[1]]
		if !special {
			words = known[""]
		}
		value, err := valueOf(parts[2], text)
		if !has(words, parts[2]) || (parts[2] == "header") != (len(parts) == 4) || err != nil {
			return nil, failure{"plan not understood", name}
		}
		step := steps[parts[1]]
		if len(parts) == 4 {
			headers, _ := step["headers"].(object)
			if headers == nil {
				headers = object{}
			}
			headers[parts[3]] = value
			step["headers"] = headers
		} else {
			step[parts[2]] = value
		}
	}
	for name, step := range steps {
		ways, others := 0, 0
		for key := range step {
			if key == "throw" || key == "return" {
				ways++
			} else if !has(either, key) {
				others = 1
			}
		}
		_, delays := step["delay"]
		_, hangs := step["hang"]
		if ways+others > 1 || delays && hangs {
			return nil, failure{"plan not understood", "assay." + name + " says two things at once"}
		}
	}
	return steps, nil
}

func valueOf(key, text string) (any, error) {
	if shape, ok := shapes[key]; ok && !regexp.MustCompile(shape).MatchString(text) {
		return nil, failure{"", text}
	}
	if key == "delay" || key == "status" {
		number, _ := strconv.Atoi(text)
		if key == "delay" && number > 900000 {
			return nil, failure{"", text}
		}
		return number, nil
	}
	if has(parsed, key) {
		var value any
		err := json.Unmarshal([]byte(text), &value)
		return value, err
	}
	return text, nil
}

func build(kind string, event, step object) object {
	if thrown, ok := step["throw"]; ok {
		return object{"throw": thrown}
	}
	if value, ok := step["return"]; ok {
		return object{"return": value}
	}
	if kind == "AUTHORIZER" {
		return object{"return": policyAnswer(event, step)}
	}
	answer := object{"statusCode": 200}
	if status, ok := step["status"]; ok {
		answer["statusCode"] = status
	}
	headers, _ := step["headers"].(object)
	if subprotocol, ok := step["subprotocol"]; ok {
		if headers == nil {
			headers = object{}
		}
		headers["Sec-WebSocket-Protocol"] = subprotocol
	}
	if headers != nil {
		answer["headers"] = headers
	}
	if body, ok := step["body"]; ok {
		answer["body"] = body
	}
	if body, ok := event["body"].(string); ok && step["echo"] != nil {
		answer["body"] = body
		if event["isBase64Encoded"] == true {
			answer["isBase64Encoded"] = true
		}
	}
	return object{"return": answer}
}

func policyAnswer(event, step object) object {
	answer := object{"principalId": "assay", "policyDocument": policyDocument(event, step)}
	for _, key := range []string{"principalId", "context", "usageIdentifierKey"} {
		if value, ok := step[key]; ok {
			answer[key] = value
		}
	}
	return answer
}

func policyDocument(event, step object) any {
	policy, ok := step["policy"]
	if !ok {
		effect, resource := "Allow", "*"
		if step["effect"] == "deny" {
			effect = "Deny"
		}
		if arn, ok := event["methodArn"].(string); ok {
			resource = arn
		}
		return document([]any{object{"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}})
	}
	filled := fill(policy, placeholders(event))
	if statements, ok := filled.([]any); ok {
		return document(statements)
	}
	if statement, ok := filled.(object); ok && statement["Effect"] != nil {
		return document([]any{statement})
	}
	return filled
}

func document(statements []any) object {
	return object{"Version": "2012-10-17", "Statement": statements}
}

func placeholders(event object) map[string]string {
	said := map[string]string{}
	for name, key := range map[string]string{"account": "accountId", "apiId": "apiId", "stage": "stage"} {
		if text, ok := child(event, "requestContext")[key].(string); ok {
			said[name] = text
		}
	}
	if arn, ok := event["methodArn"].(string); ok {
		said["methodArn"] = arn
		if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
			resource := strings.Split(parts[5], "/")
			said["partition"], said["region"], said["account"], said["apiId"] = parts[1], parts[3], parts[4], resource[0]
			if len(resource) > 1 {
				said["stage"] = resource[1]
			}
		}
	}
	return said
}

func fill(value any, said map[string]string) any {
	switch value := value.(type) {
	case string:
		return regexp.MustCompile(`\{(\w+)\}`).ReplaceAllStringFunc(value, func(written string) string {
			if text, ok := said[strings.Trim(written, "{}")]; ok {
				return text
			}
			return written
		})
	case []any:
		filled := []any{}
		for _, one := range value {
			filled = append(filled, fill(one, said))
		}
		return filled
	case object:
		filled := object{}
		for key, one := range value {
			filled[key] = fill(one, said)
		}
		return filled
	}
	return value
}

type kept struct {
	V          int         `json:"v"`
	Nonce      string      `json:"nonce,omitempty"`
	RunId      string      `json:"runId,omitempty"`
	Parameters [][2]string `json:"parameters"`
}

func stateFile(id string) string {
	sum := sha256.Sum256([]byte(id))
	return filepath.Join(os.Getenv("ASSAY_PROBE_STATE"), hex.EncodeToString(sum[:])+".json")
}

func remember(id string, todo *plan) error {
	state := kept{V: 1, Nonce: todo.nonce, RunId: todo.run}
	for name, value := range todo.parameters {
		if strings.HasPrefix(name, "assay.disconnect.") {
			state.Parameters = append(state.Parameters, [2]string{name, value})
		}
	}
	folder := os.Getenv("ASSAY_PROBE_STATE")
	if len(state.Parameters) == 0 {
		if folder != "" {
			os.Remove(stateFile(id))
		}
		return nil
	}
	if folder == "" {
		return failure{"not set up", "ASSAY_PROBE_STATE is not set"}
	}
	own := stateFile(id) + "." + strconv.Itoa(os.Getpid())
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return failure{"state away", err.Error()}
	}
	if err := os.WriteFile(own, []byte(encode(state)), 0o600); err != nil {
		return failure{"state away", err.Error()}
	}
	return os.Rename(own, stateFile(id))
}

func recall(id string) *plan {
	text, err := os.ReadFile(stateFile(id))
	if err != nil {
		return nil
	}
	os.Remove(stateFile(id))
	var state kept
	if json.Unmarshal(text, &state) != nil {
		return nil
	}
	todo := &plan{nonce: state.Nonce, run: state.RunId, parameters: map[string]string{}}
	for _, one := range state.Parameters {
		todo.parameters[one[0]] = one[1]
	}
	return todo
}

func record(entry object) error {
	path := strings.TrimPrefix(os.Getenv("ASSAY_PROBE_SINK"), "file:")
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = file.WriteString(encode(entry) + "\n")
	return err
}

func encode(value any) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

func child(value object, key string) object {
	found, _ := value[key].(object)
	return found
}

func list(value any) []any {
	if many, ok := value.([]any); ok {
		return many
	}
	return []any{value}
}
