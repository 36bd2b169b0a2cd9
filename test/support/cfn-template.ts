/**
 * Checks a CloudFormation template against the resource types that AWS publishes: unknown names,
 * wrong types, missing properties, dangling references, texts that AWS refuses.
 */
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import type { Property, PropertyType, Resource } from '@aws-cdk/service-spec-types';
import { isSeq, parse } from 'yaml';
import { parameterProblem, textProblem } from './cfn-texts.ts';

type Properties = Readonly<Record<string, Property>>;
type Node = Readonly<Record<string, unknown>>;

const pseudo = [
  'AWS::AccountId',
  'AWS::NoValue',
  'AWS::Partition',
  'AWS::Region',
  'AWS::StackName',
  'AWS::URLSuffix',
];
const sections = [
  'AWSTemplateFormatVersion',
  'Description',
  'Parameters',
  'Rules',
  'Conditions',
  'Resources',
  'Outputs',
];
const resourceKeys = ['Type', 'Properties', 'DependsOn', 'DeletionPolicy', 'UpdateReplacePolicy'];
const intrinsics = ['Ref', 'Fn::GetAtt', 'Fn::Sub', 'Fn::If'];
const functions = ['Ref', 'GetAtt', 'Sub', 'If', 'Not', 'Equals'];

/**
 * Every problem, with its place. If there is none, AWS knows every name in the template and takes
 * the characters of every text; what the values mean is not checked.
 */
export function templateProblems(text: string): readonly string[] {
  const problems: string[] = [];
  const spec = loadAwsServiceSpecSync();
  const template = nodeOf(parse(text, { customTags: [...tags] }));
  const resources = nodeOf(template['Resources']);
  const parameters = nodeOf(template['Parameters']);
  const conditions = nodeOf(template['Conditions']);

  for (const name of Object.keys(template)) {
    if (!sections.includes(name)) problems.push(`${name}: no such section`);
  }
  for (const [name, value] of Object.entries(parameters)) {
    const problem = parameterProblem(nodeOf(value));
    if (problem !== undefined) problems.push(`Parameters.${name}: ${problem}`);
  }
  for (const section of ['Rules', 'Conditions']) checkReferences(template[section], section);
  for (const [name, value] of Object.entries(resources)) checkResource(name, nodeOf(value));
  for (const [name, value] of Object.entries(nodeOf(template['Outputs']))) {
    checkReferences(nodeOf(value)['Value'], `Outputs.${name}`);
  }
  return problems;

  function checkResource(name: string, resource: Node): void {
    for (const key of Object.keys(resource)) {
      if (!resourceKeys.includes(key)) problems.push(`${name}.${key}: no such attribute`);
    }
    const known = typeOf(resource);
    if (known === undefined) problems.push(`${name}: unknown type ${resource['Type']}`);
    else checkProperties(resource['Properties'] ?? {}, known.properties, name);
  }

  function checkProperties(value: unknown, known: Properties, at: string): void {
    const node = nodeOf(value);
    for (const [key, child] of Object.entries(node)) {
      const property = known[key];
      if (property === undefined) problems.push(`${at}.${key}: no such property`);
      else checkValue(child, property.type, `${at}.${key}`);
    }
    for (const [key, { required }] of Object.entries(known)) {
      if (required === true && node[key] === undefined) problems.push(`${at}.${key}: missing`);
    }
  }

  function checkValue(value: unknown, type: PropertyType, at: string): void {
    if (isIntrinsic(value)) checkIntrinsic(value, type, at);
    else if (type.type === 'array') checkList(value, type.element, at);
    else if (type.type === 'map') checkMap(value, type.element, at);
    else if (type.type === 'ref') checkObject(value, type.reference.$ref, at);
    else if (type.type === 'tag') checkTag(value, at);
    else if (type.type === 'integer') tell(Number.isInteger(value), `${at}: not an integer`);
    else if (isPrimitive(type.type)) checkPrimitive(value, type.type, at);
    else checkReferences(value, at);
  }

  function checkPrimitive(value: unknown, type: string, at: string): void {
    const isRight = typeof value === type;
    tell(isRight, `${at}: not a ${type}`);
    if (isRight && typeof value === 'string') checkText(value, at);
  }

  function checkChoice(choice: unknown, type: PropertyType, at: string): void {
    const [condition, ...values] = Array.isArray(choice) ? choice : [];
    tell(values.length === 2, `${at}: not a choice of two`);
    tell(String(condition) in conditions, `${at}: no condition is called ${condition}`);
    for (const value of values) checkValue(value, type, at);
  }

  function checkIntrinsic(value: unknown, type: PropertyType, at: string): void {
    const { 'Fn::Sub': text, 'Fn::If': choice } = nodeOf(value);
    if (choice === undefined) checkReferences(value, at);
    else checkChoice(choice, type, at);
    // What is filled in is not known; it is taken for a letter.
    if (text !== undefined) checkText(String(text).replaceAll(/\$\{[^}]+\}/g, 'x'), at);
  }

  function checkText(value: string, at: string): void {
    const problem = textProblem(
      at
        .replaceAll(/\[\d+\]/g, '')
        .split('.')
        .slice(1),
      value,
    );
    if (problem !== undefined) problems.push(`${at}: ${problem}`);
  }

  function checkList(value: unknown, element: PropertyType, at: string): void {
    tell(Array.isArray(value), `${at}: not a list`);
    for (const [index, item] of Object.entries(nodeOf(value))) {
      checkValue(item, element, `${at}[${index}]`);
    }
  }

  function checkMap(value: unknown, element: PropertyType, at: string): void {
    for (const [key, item] of Object.entries(nodeOf(value))) {
      checkValue(item, element, `${at}.${key}`);
    }
  }

  function checkObject(value: unknown, definition: string, at: string): void {
    tell(isNode(value), `${at}: not an object`);
    checkProperties(value, spec.get('typeDefinition', definition).properties, at);
  }

  function checkTag(value: unknown, at: string): void {
    tell(Object.keys(nodeOf(value)).toSorted().join() === 'Key,Value', `${at}: not a tag`);
    for (const [key, text] of Object.entries(nodeOf(value))) {
      checkValue(text, { type: 'string' }, `${at}.${key}`);
    }
  }

  function tell(isRight: boolean, problem: string): void {
    if (!isRight) problems.push(problem);
  }

  function checkReferences(value: unknown, at: string): void {
    for (const [key, item] of Object.entries(nodeOf(value))) {
      const names = namesIn(key, item);
      if (names === undefined) checkReferences(item, at);
      else for (const name of names) checkName(name, at);
    }
  }

  /** Checks the name of a parameter, a pseudo parameter, a resource or a resource's attribute. */
  function checkName(name: string, at: string): void {
    const [logical = '', ...attribute] = name.split('.');
    const isKnown = pseudo.includes(name) || name in parameters || name in resources;
    if (isKnown) return;
    const attributes = typeOf(nodeOf(resources[logical]))?.attributes ?? {};
    if (!(attribute.join('.') in attributes)) problems.push(`${at}: nothing is called ${name}`);
  }

  function typeOf(resource: Node): Resource | undefined {
    const type = String(resource['Type']);
    return spec.lookup('resource', 'cloudFormationType', 'equals', type)[0];
  }
}

const tags = functions.flatMap((name) => {
  const key = name === 'Ref' ? name : `Fn::${name}`;
  const tag = `!${name}`;
  return [
    { tag, resolve: (value: string) => ({ [key]: value }) },
    {
      tag,
      collection: 'seq' as const,
      resolve: (value: unknown) => ({ [key]: isSeq(value) ? value.toJSON() : value }),
    },
  ];
});

function isIntrinsic(value: unknown): boolean {
  const [key = '', ...more] = isNode(value) ? Object.keys(value) : [];
  return more.length === 0 && intrinsics.includes(key);
}

/** What an intrinsic function refers to; undefined for anything else. */
function namesIn(key: string, value: unknown): readonly string[] | undefined {
  if (key === 'Ref') return [String(value)];
  if (key === 'Fn::GetAtt') return [[value].flat().join('.')];
  if (key !== 'Fn::Sub') return undefined;
  return [...String(value).matchAll(/\$\{([^!}]+)\}/g)].map(([, name = '']) => name);
}

function isPrimitive(type: string): boolean {
  return type === 'string' || type === 'number' || type === 'boolean';
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object's fields, or a list's items by index; empty for anything else. */
function nodeOf(value: unknown): Node {
  return isNode(value) || Array.isArray(value) ? { ...value } : {};
}
