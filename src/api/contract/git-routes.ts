/** git's own smart HTTP: the person's repository to the project, and the work back. */
import { z } from 'zod';
import { idSchema } from '../../domain/id-schema.ts';
import { route, type Route } from './route.ts';

const project = z.strictObject({ project_id: idSchema('project') });
const GIT_SERVICES = ['git-receive-pack', 'git-upload-pack'] as const;

export const GIT_ROUTES = {
  refs: route({
    method: 'GET',
    path: '/git/{project_id}/info/refs',
    summary: 'git: which refs there are.',
    form: 'git',
    params: project,
    query: z.strictObject({ service: z.enum(GIT_SERVICES) }),
    answer: z.unknown(),
    errors: ['project_not_found', 'git_failed'],
  }),
  push: route({
    method: 'POST',
    path: '/git/{project_id}/git-receive-pack',
    summary: 'git: push one new refs/tack/base/<session_id>.',
    form: 'git',
    params: project,
    answer: z.unknown(),
    errors: ['project_not_found', 'git_failed'],
  }),
  fetch: route({
    method: 'POST',
    path: '/git/{project_id}/git-upload-pack',
    summary: 'git: fetch the work.',
    form: 'git',
    params: project,
    answer: z.unknown(),
    errors: ['project_not_found', 'git_failed'],
  }),
} as const satisfies Record<string, Route>;
